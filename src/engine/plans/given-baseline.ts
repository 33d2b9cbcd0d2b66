import type { Metrics } from '../../domain/metric/metrics.ts';
import type { Decision, RunRequest } from '../../domain/study.ts';
import { storedRun } from '../run/stored-run.ts';
import type { OpenStudy, Plan } from './plan.ts';

/** Passes the config's baseline, if any, to the guideline, once; returns the resulting decisions. */
export function giveBaseline(open: OpenStudy, plan: Plan): readonly Decision[] {
  const { runs, mean, sd, n } = open.config.baseline;
  const requests = [...plan.pending()].flatMap(({ request }) => (request.kind === 'baseline' ? [request] : []));
  const [first] = requests;
  if (first === undefined) return [];

  function store(request: RunRequest, metrics: Metrics | null): void {
    const run = storedRun(open, { request, origin: 'given' });
    open.store.markRunEnded(run.id, { state: 'finished', reason: null, metrics, timeMs: open.now() });
  }

  if (mean !== undefined) {
    // One row in the store, with origin `given`: its metrics are the means, and the event has the spread.
    const summary = { mean, sd: sd ?? {}, n: n ?? 1 };
    return plan.record({ type: 'baseline.given', summary }, () => store(first, mean));
  }
  if (runs === undefined) return [];
  return plan.record({ type: 'baseline.given', runs }, () => {
    for (const [index, request] of requests.entries()) store(request, runs[index] ?? null);
  });
}
