/** The MPI family of a library, from its version text, or null. */
export function familyOf(libraryVersion) {
  if (/open ?mpi/i.test(libraryVersion)) return 'openmpi';
  if (/mpich|intel.*mpi|mvapich/i.test(libraryVersion)) return 'mpich';
  return null;
}

/**
 * The MPI family whose launcher started this process, or null if none did. An addon for the other family would make
 * every process a separate job (rank 0 of 1) without any error.
 *
 * @param {Record<string, string | undefined>} environment
 */
export function launchedBy(environment) {
  if (environment.MPI_NODE_FAMILY) return environment.MPI_NODE_FAMILY;
  if (environment.OMPI_COMM_WORLD_SIZE !== undefined) return 'openmpi';
  // Open MPI reads PMIX_*, MPICH's Hydra sets PMI_*.
  if (environment.PMI_RANK !== undefined || environment.HYDI_CONTROL_FD !== undefined) return 'mpich';
  if (environment.PMIX_RANK !== undefined) return 'openmpi';
  return null;
}
