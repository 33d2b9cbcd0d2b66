/** Why there are no times, no speed-ups and no recommended numbers of workers. */
export const simulatedTime =
  'The time of a simulated training is not measured, so the fastest number of workers is unknown.';
