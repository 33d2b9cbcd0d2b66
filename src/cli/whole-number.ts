import { InvalidArgumentError } from 'commander';
import { most } from '../config/sections/bounds.ts';

/** Range of an option that is a count: `least` (default: 1) to `limit`. */
export interface CountBounds {
  least?: number;
  limit: number;
}

/** A parser of a count. */
export const wholeNumber =
  ({ least = 1, limit }: CountBounds) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= limit) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${limit}.`);
  };

/** A parser of several counts, such as `4,8,16`: sorted, without duplicates. */
export const wholeNumbers =
  (bounds: CountBounds) =>
  (text: string): number[] =>
    [...new Set(text.split(',').map((part) => wholeNumber(bounds)(part.trim())))].sort((a, b) => a - b);

/** Reads hours above 0. */
export function parseHours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= most.time) return value;
  throw new InvalidArgumentError(`Give a number above 0, up to ${most.time}.`);
}
