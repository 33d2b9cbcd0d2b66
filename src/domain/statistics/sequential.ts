import { normalSurvival } from './normal.ts';

const gridPoints = 240;
/** Farther than so many spreads of an increment, what a point adds is lost in the rounding of the sum (below 1e-32). */
const reach = 12;

/**
 * Nominal one-sided levels for repeated looks at one accumulating statistic, such that the probability of crossing at or
 * before look i under the null hypothesis is `spent[i]` (Lan & DeMets 1983; recursion of Armitage, McPherson & Rowe 1969).
 *
 * The looks see S_i ~ N(0, information_i) with independent increments; `information` rises strictly, `spent` rises and
 * stays below 1. Applying the levels to t quantiles is the significance-level approach (Jennison & Turnbull 2000 §3.3).
 */
export function nominalLevels(information: number[], spent: number[]): number[] {
  const levels: number[] = [];
  let survivors: Density | null = null;
  for (let look = 0; look < information.length; look++) {
    const total = information[look]!;
    const spread = Math.sqrt(total - (information[look - 1] ?? 0));
    const spend = spent[look]! - (spent[look - 1] ?? 0);
    const crossing = (bound: number): number => exceedance(survivors, bound, spread);
    const bound = solveDecreasing(crossing, spend, 0, 12 * Math.sqrt(total));
    levels.push(normalSurvival(bound / Math.sqrt(total)));
    survivors = propagate(survivors, bound, spread, total);
  }
  return levels;
}

/** Sub-density of S among the paths that have not crossed, on an even grid, with its trapezoid weights folded in. */
interface Density {
  points: Float64Array;
  masses: Float64Array;
}

/** The first point at or above `value`. */
function firstFrom({ points }: Density, value: number): number {
  const step = points[1]! - points[0]!;
  return Math.max(0, Math.ceil((value - points[0]!) / step));
}

function exceedance(density: Density | null, bound: number, spread: number): number {
  if (density === null) return normalSurvival(bound / spread);
  let sum = 0;
  for (let i = firstFrom(density, bound - reach * spread); i < gridPoints; i++) {
    sum += density.masses[i]! * normalSurvival((bound - density.points[i]!) / spread);
  }
  return sum;
}

function propagate(density: Density | null, bound: number, spread: number, total: number): Density {
  const low = -8 * Math.sqrt(total);
  const step = (bound - low) / (gridPoints - 1);
  const points = Float64Array.from({ length: gridPoints }, (_, i) => low + i * step);
  const scale = 1 / (spread * Math.sqrt(2 * Math.PI));
  const kernel = (gap: number): number => scale * Math.exp((-gap * gap) / (2 * spread * spread));
  const masses = points.map((point, i) => {
    const weight = i === 0 || i === gridPoints - 1 ? step / 2 : step;
    if (density === null) return kernel(point) * weight;
    let value = 0;
    const end = Math.min(gridPoints, firstFrom(density, point + reach * spread));
    for (let j = firstFrom(density, point - reach * spread); j < end; j++) {
      value += density.masses[j]! * kernel(point - density.points[j]!);
    }
    return value * weight;
  });
  return { points, masses };
}

function solveDecreasing(f: (x: number) => number, target: number, from: number, to: number): number {
  let low = from - to;
  let high = to;
  for (let step = 0; step < 45; step++) {
    const middle = (low + high) / 2;
    if (f(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
