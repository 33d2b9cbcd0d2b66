/**
 * The variable that tells the ranks of a host which GPUs to divide among themselves, one per rank in turn: numbers
 * separated by commas, or `localRank` for those that CUDA_VISIBLE_DEVICES or else nvidia-smi names.
 */
export const rankDevices = 'AUTOPILOT_DEVICES';

/** Variables in which Open MPI, MPICH and Slurm give a process its rank on its host. */
export const localRankVariables = ['OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID', 'SLURM_LOCALID'] as const;
