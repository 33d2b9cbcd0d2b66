/** MPI cannot be used here: `reason` says why, `fix` what to do about it. */
export class MpiUnavailableError extends Error {
  name = 'MpiUnavailableError';
  code = 'MPI_UNAVAILABLE';

  constructor(reason, fix, options) {
    super(`${reason} ${fix}`, options);
    this.reason = reason;
    this.fix = fix;
  }
}

/** The job's number of ranks is not the expected one. */
export class MpiSizeError extends Error {
  name = 'MpiSizeError';
  code = 'MPI_SIZE';

  constructor({ expected, actual, library }) {
    super(
      `expected ${expected} ranks, this process sees ${actual}. ` +
        `Start it with the mpirun that belongs to ${library}: another MPI's mpirun starts single-rank jobs without an error.`,
    );
    this.expected = expected;
    this.actual = actual;
  }
}
