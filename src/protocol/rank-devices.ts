/**
 * The variable that tells the ranks of a host which GPUs they share out, one to each in turn: numbers divided by
 * commas, or `localRank`: those that CUDA_VISIBLE_DEVICES or else nvidia-smi names.
 */
export const rankDevices = 'AUTOPILOT_DEVICES';

/** Where Open MPI, MPICH and Slurm say which rank of its host a process is. */
export const localRankVariables = ['OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID', 'SLURM_LOCALID'] as const;
