import type { Interval } from '../../domain/difference.ts';
import { incompleteBeta, sampleMean, sampleVariance, studentTQuantile } from '../../domain/statistics/index.ts';

/** Values of one metric, by group: a group is a set of runs with the same setting and different seeds. */
export type Groups = readonly (readonly number[])[];

/** Student's t interval of a mean; null for fewer than two values, or equal ones, which say nothing about chance. */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval | null {
  const n = values.length;
  if (n < 2 || values.every((value) => value === values[0])) return null;
  const mean = sampleMean([...values]);
  const half = studentTQuantile(0.5 + confidence / 2, n - 1) * Math.sqrt(sampleVariance([...values]) / n);
  return { low: mean - half, high: mean + half };
}

/** One-way analysis of variance: does the setting explain the metric beyond the spread between seeds? */
export interface VarianceAnalysis {
  betweenGroups: { sumOfSquares: number; degreesOfFreedom: number };
  withinGroups: { sumOfSquares: number; degreesOfFreedom: number };
  f: number;
  p: number;
  /** ICC(1): the share of the variance that lies between settings; may be below 0 when there is none. */
  icc: number;
}

/** Null without two groups, and repeats that differ, to estimate the spread. Groups without values are left out. */
export function analyseVariance(all: Groups): VarianceAnalysis | null {
  const groups = all.filter((group) => group.length > 0);
  const values = groups.flat();
  const between = groups.length - 1;
  const within = values.length - groups.length;
  if (between < 1 || within < 1) return null;
  const grand = mean(values);
  const betweenSquares = sum(groups.map((group) => group.length * (mean(group) - grand) ** 2));
  const withinSquares = sum(groups.map((group) => sum(group.map((value) => (value - mean(group)) ** 2))));
  const betweenMean = betweenSquares / between;
  const withinMean = withinSquares / within;
  if (withinMean === 0) return null;
  // Shrout & Fleiss 1979, with the mean group size of unequal groups (Donner 1986).
  const size = (values.length - sum(groups.map((group) => group.length ** 2)) / values.length) / between;
  const f = betweenMean / withinMean;
  return {
    betweenGroups: { sumOfSquares: betweenSquares, degreesOfFreedom: between },
    withinGroups: { sumOfSquares: withinSquares, degreesOfFreedom: within },
    f,
    p: incompleteBeta(within / (within + between * f), within / 2, between / 2),
    icc: (betweenMean - withinMean) / (betweenMean + (size - 1) * withinMean),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
