import { nominalLevels } from '../../src/domain/statistics/index.ts';

export interface ErrorSpendingOptions {
  /** Error rate of the whole study. */
  alpha: number;
  /** 1-based: the how-manieth setting to be validated. */
  candidate: number;
  baselineRuns: number;
  maxRuns: number;
}

/** The error rate one candidate may spend: α/2, α/4, α/8, …, so that a study of any length spends less than α. */
export function candidateAlpha(alpha: number, candidate: number): number {
  return alpha / 2 ** candidate;
}

/**
 * Nominal one-sided level of the look after n validating runs, n = 2 … maxRuns (`levels[0]` belongs to n = 2).
 * A candidate's error is spent as the square of the information fraction: little on the first, shaky looks.
 * Information of n runs against m baseline runs is 1 / (1/n + 1/m).
 */
export function lookLevels({ alpha, candidate, baselineRuns, maxRuns }: ErrorSpendingOptions): number[] {
  const key = [alpha, candidate, baselineRuns, maxRuns].join(' ');
  const known = memory.get(key);
  if (known) return known;
  const information: number[] = [];
  for (let n = 2; n <= maxRuns; n++) information.push(1 / (1 / n + 1 / baselineRuns));
  const total = information.at(-1)!;
  const spent = information.map((value) => candidateAlpha(alpha, candidate) * (value / total) ** 2);
  const levels = nominalLevels(information, spent);
  memory.set(key, levels);
  return levels;
}

/** The levels depend on nothing but their key; they take milliseconds to integrate. */
const memory = new Map<string, number[]>();
