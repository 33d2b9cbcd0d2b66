/** Why there are no times, no speed-ups and no recommended numbers of workers. */
export const simulatedTime =
  'The time of a simulated training is not measured, so that nothing says which number of workers is the fastest.';
