import type { Metrics, PartResult } from '../../domain/metrics.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';

/** What an attempt's events have said so far. */
export interface AttemptFacts {
  /** Any event at all. */
  reported: boolean;
  finished: boolean;
  /** Why the trainer itself gave up as diverged. */
  diverged: string | null;
  /** What the trainer said went wrong. */
  failed: string | null;
  /** The code of that failure, where the trainer knew the cause: how its other processes ended then follows from it. */
  failedCode: string | null;
  /** The last evaluation of each split. */
  evaluations: Map<string, PartResult>;
  /** The last epoch with its metrics; 0 before the first. */
  lastEpoch: number;
  lastMetrics: Metrics | null;
}

export function noFacts(): AttemptFacts {
  return {
    reported: false,
    finished: false,
    diverged: null,
    failed: null,
    failedCode: null,
    evaluations: new Map(),
    lastEpoch: 0,
    lastMetrics: null,
  };
}

/** Takes one more event into account; order does not matter except that a later word on the same thing counts. */
export function addFact(facts: AttemptFacts, event: TrainerEvent): void {
  facts.reported = true;
  switch (event.type) {
    case 'finished':
      facts.finished = true;
      break;
    case 'diverged':
      facts.diverged = event.reason;
      break;
    case 'failed':
      // What other ranks complain of once one of them has given up is no news.
      if (facts.failedCode !== null) break;
      facts.failed = event.reason;
      facts.failedCode = event.code ?? null;
      break;
    case 'evaluation':
      facts.evaluations.set(event.split ?? 'test', { metrics: event.metrics, classes: event.classes });
      break;
    case 'epoch':
      if (event.epoch >= facts.lastEpoch) {
        facts.lastEpoch = event.epoch;
        facts.lastMetrics = event.metrics ?? facts.lastMetrics;
      }
      break;
  }
}

/** What a run came to that has no part in a decision: the test part's evaluation, or the only one there is, or the latest. */
export function finalEvaluation({ evaluations }: AttemptFacts): Metrics | null {
  return (evaluations.get('test') ?? [...evaluations.values()].at(-1))?.metrics ?? null;
}
