import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { ComparePolicy } from '../config/sections/compare.ts';
import { count, formatNumber } from '../domain/text/format.ts';
import { policyText } from '../report/comparison/words.ts';
import { compareSection, comparisonCells, mostSearchRuns } from './cells.ts';
import { type FixedPolicy, isFixed, policyTraining } from './policies.ts';

/** Where settings that are not known in advance come from. */
const found: { [Policy in ComparePolicy]?: string } = {
  guideline: 'a study for each worker count',
  confirmed: 'what autopilot scale has confirmed',
};

/** What `compare --dry-run --json` prints. */
export function dryRunData(config: ResolvedStudyConfig) {
  const { name, workers, policies, seeds, runs, searches } = comparisonCells(config);
  const { iterations, budget } = compareSection(config);
  return {
    comparison: name,
    workers,
    policies,
    seeds,
    runs: runs.map(({ policy, request, seed, schedule }) => ({ policy, ...request, seed, schedule: schedule ?? null })),
    searches: searches.map((k) => ({
      workers: k,
      atMostIterations: iterations,
      atMostRuns: mostSearchRuns(config),
      runsAfter: seeds,
    })),
    atMostRuns: runs.length + searches.length * (mostSearchRuns(config) + seeds),
    budget,
  };
}

/** What `compare --dry-run` prints: the cells, and the maximum number of runs. */
export function dryRunText(config: ResolvedStudyConfig): string {
  const { comparison, workers, policies, seeds, runs, searches, atMostRuns, budget } = dryRunData(config);
  const limits = [
    ...(budget.runs === undefined ? [] : [count(budget.runs, 'run')]),
    ...(budget.hours === undefined ? [] : [`${count(budget.hours, 'hour')} of training`]),
  ];
  const widest = Math.max(...policies.map((policy) => policyText[policy].length));
  const rates = policies.map((policy) => {
    const peaks = workers.map((k) => (isFixed(policy) ? peakRate(config, policy, k) : null));
    const text = peaks
      .map((peak, at) => `k=${workers[at]} ${peak === null ? '' : formatNumber(peak)}`.trim())
      .join('  ');
    return `  ${policyText[policy].padEnd(widest)}  ${found[policy] ?? `highest rate: ${text}`}`;
  });
  return [
    `${comparison}: ${count(workers.length, 'worker count')} (${workers.join(', ')}), ${count(seeds, 'run')} per cell, ${count(config.epochs, 'epoch')} each`,
    `Baseline: ${count(seeds, 'run')} on 1 worker`,
    ...rates,
    `Known in advance: ${count(runs.length, 'run')}.${searches.length > 0 ? ` At most ${atMostRuns} with the guideline's studies.` : ''}`,
    `Budget: ${limits.length === 0 ? 'none' : limits.join(', ')}.`,
  ].join('\n');
}

function peakRate(config: ResolvedStudyConfig, policy: FixedPolicy, workers: number): number {
  const { setting, schedule } = policyTraining(policy, config, workers);
  const squareRoot = schedule?.policy === 'constant' && schedule.scaling === 'squareRoot';
  return setting.initialLr * (squareRoot ? Math.sqrt(workers) : workers);
}
