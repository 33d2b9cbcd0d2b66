import { InvalidArgumentError } from 'commander';

/** An option's value that counts something: 1, 2, 3, … */
export function parseWholeNumber(text: string): number {
  return atLeast(1, text);
}

/** Several, such as `4,8,16`: each once, the smallest first. */
export function parseWholeNumbers(text: string, least = 1): number[] {
  return [...new Set(text.split(',').map((part) => atLeast(least, part.trim())))].sort((a, b) => a - b);
}

/** An option's value above 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

function atLeast(least: number, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(`Give a whole number of at least ${least}.`);
}
