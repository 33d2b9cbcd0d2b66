import type { Decision, Iteration, RunRequest } from '../domain/study.ts';

/** One sentence: why the guideline wants this run. */
export function whyRun(request: RunRequest, iterations: readonly Iteration[], decisions: readonly Decision[]): string {
  const { kind, iteration, repeat, workers } = request;
  if (kind === 'baseline') return `Baseline ${repeat}: what one worker reaches, to compare with.`;
  const last = decisions.at(-1)?.reason;
  if (kind === 'validation') return last ?? `Validate iteration ${iteration} with a new seed.`;
  const action = iterations.find(({ number }) => number === iteration)?.action;
  if (action === 'applyDefaults') return `Train ${workers} workers with the default setting.`;
  return last ?? `Iteration ${iteration}: ${action ?? 'train'}.`;
}
