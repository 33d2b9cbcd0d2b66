/** Several values of one metric. */
export interface Summary {
  mean: number;
  /** Sample standard deviation (n − 1); null for a single value. */
  sd: number | null;
  n: number;
}

/** Mean and spread, whatever the order of the values; null without values. */
export function summarize(unordered: readonly number[]): Summary | null {
  // The last digit of a sum depends on the order of its terms.
  const values = [...unordered].sort((a, b) => a - b);
  const n = values.length;
  const [first] = values;
  if (first === undefined) return null;
  // Equal values have no spread, whatever the last digit of their sum.
  if (n > 1 && first === values.at(-1)) return { mean: first, sd: 0, n };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, sd: null, n };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (n - 1)), n };
}
