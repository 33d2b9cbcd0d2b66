import { uniformFrom } from '../decision-rules/noise.ts';
import type { PlayedStudy, Policy, StudyTerms } from './played-study.ts';
import type { Table } from './table.ts';

/** A share of studies and its 95 % interval (Wilson 1927), which holds near 0 and 1 too. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** How a policy did on a table. */
export interface PolicySummary {
  policy: string;
  task: string;
  workers: number;
  studies: number;
  /** Ended `noLoss`. */
  noLoss: Share;
  /** Ended `noLoss` with a setting whose true loss exceeds the margin. */
  wrong: Share;
  /** Worker-hours of a study, baseline included, in units of one single-worker run. */
  cost: { median: number; mean: number };
  /** All studies' worker-hours divided by the number of `noLoss` answers; null if there are none. */
  costPerAnswer: number | null;
  /** Average number of runs per study. */
  runs: number;
  /** Average k · E₁/E of the confirmed settings; null if none was confirmed. */
  speedUp: number | null;
}

/** Plays the studies, each with its own random numbers, the same for every policy and every repetition. */
export async function playStudies({
  policy,
  table,
  terms,
  studies,
  onPlayed,
}: {
  policy: Policy;
  table: Table;
  terms: StudyTerms;
  studies: number;
  /** Called after each study. */
  onPlayed?: ((played: readonly PlayedStudy[]) => void) | undefined;
}): Promise<PlayedStudy[]> {
  const played: PlayedStudy[] = [];
  for (let seed = 1; seed <= studies; seed++) {
    played.push(await policy(table, terms, uniformFrom(seed)));
    onPlayed?.(played);
  }
  return played;
}

export function summarize(
  { policy, table }: { policy: string; table: Table },
  studies: readonly PlayedStudy[],
): PolicySummary {
  const answers = studies.filter(({ outcome }) => outcome === 'noLoss');
  const costs = studies.map(({ cost }) => cost).sort((a, b) => a - b);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const speedUps = answers.flatMap(({ speedUp }) => (speedUp === null ? [] : [speedUp]));
  return {
    policy,
    task: table.task.name,
    workers: table.workers,
    studies: studies.length,
    noLoss: shareOf(answers.length, studies.length),
    wrong: shareOf(answers.filter(({ wrong }) => wrong).length, studies.length),
    cost: { median: rounded(costs[costs.length >> 1]!, 1), mean: rounded(total / costs.length, 1) },
    costPerAnswer: answers.length === 0 ? null : rounded(total / answers.length, 1),
    runs: rounded(meanOf(studies.map(({ runs }) => runs)), 1),
    speedUp: speedUps.length === 0 ? null : rounded(meanOf(speedUps), 1),
  };
}

/** Wilson's score interval. */
export function shareOf(count: number, of: number): Share {
  const z = 1.96;
  const share = count / of;
  const centre = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return {
    share: rounded(share, 4),
    low: rounded(Math.max(0, centre - half), 4),
    high: rounded(Math.min(1, centre + half), 4),
  };
}

const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
