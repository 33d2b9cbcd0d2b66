import { InvalidArgumentError } from 'commander';

/** An option's value that counts something: 1, 2, 3, … */
export function parseWholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return value;
}
