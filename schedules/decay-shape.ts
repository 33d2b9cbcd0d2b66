import type { DecayShape } from './schedule.ts';

/**
 * f(t) of the decay phase, t from 0 to 1. Every shape falls from 1 to exp(−c), so the decay coefficient c means the
 * same for all: how far the rate has fallen at the end. All belong to the family `(1 − (1 − exp(−c/p))·t)^p`: linear p
 * = 1, polynomial p = 2, inverse p = −1, exponential the limit p → ∞.
 */
export function decayShape(shape: DecayShape, coefficient: number): (t: number) => number {
  if (shape === 'exponential') return (t) => Math.exp(-coefficient * t);
  if (shape === 'inverse') {
    const growth = Math.expm1(coefficient);
    return (t) => 1 / (1 + growth * t);
  }
  const power = shape === 'linear' ? 1 : 2;
  const end = Math.exp(-coefficient / power);
  // Written as a weighted mean, so that t = 1 gives exactly `end`.
  return (t) => (1 - t + end * t) ** power;
}
