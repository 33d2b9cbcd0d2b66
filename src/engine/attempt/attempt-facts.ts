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
  /** Lines that the attempt did not sign, by what is wrong with them. */
  strangers: { unsigned: number; foreign: number };
  /** Why an evaluation cannot be read. */
  unreadable: string | null;
  /** Two lines that cannot both be true: two processes report. */
  contradiction: string | null;
  /** What was said of each epoch and split since the training (re)started within this attempt. */
  said: Map<string, Numbers>;
}

type Numbers = Readonly<Record<string, number>>;

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
    strangers: { unsigned: 0, foreign: 0 },
    unreadable: null,
    contradiction: null,
    said: new Map(),
  };
}

/**
 * Takes one more event into account. Order does not matter, but the same thing is said once: two epochs or evaluations
 * that differ are two writers, unless the training started again in between (torchrun does that within an attempt).
 */
export function addFact(facts: AttemptFacts, event: TrainerEvent): void {
  facts.reported = true;
  switch (event.type) {
    case 'started':
      if (!facts.finished) facts.said.clear();
      break;
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
      compare(facts, `the evaluation on "${event.split ?? 'test'}"`, event.metrics);
      facts.evaluations.set(event.split ?? 'test', { metrics: event.metrics, classes: event.classes });
      break;
    case 'epoch':
      compare(facts, `epoch ${event.epoch}`, {
        ...event.metrics,
        ...(event.loss === undefined ? {} : { loss: event.loss }),
      });
      if (event.epoch >= facts.lastEpoch) {
        facts.lastEpoch = event.epoch;
        facts.lastMetrics = event.metrics ?? facts.lastMetrics;
      }
      break;
  }
}

/** Remembers what was said of something, or finds that it was said otherwise. */
function compare(facts: AttemptFacts, of: string, numbers: Numbers): void {
  const before = facts.said.get(of) ?? {};
  const differing = Object.keys(numbers).find((name) => name in before && !same(before[name], numbers[name]));
  if (differing !== undefined) {
    facts.contradiction ??= `${of} was reported twice, with ${differing} ${before[differing]} and ${numbers[differing]}: two processes both take themselves for rank 0, or one reports twice. Only rank 0 may report; set RANK in the environment of each process`;
  }
  facts.said.set(of, { ...before, ...numbers });
}

function same(one: number | undefined, other: number | undefined): boolean {
  return Object.is(one, other) || Math.abs(Number(one) - Number(other)) <= 1e-9 * Math.abs(Number(one));
}

/** What a run came to that has no part in a decision: the test part's evaluation, or the only one there is, or the latest. */
export function finalEvaluation({ evaluations }: AttemptFacts): Metrics | null {
  return (evaluations.get('test') ?? [...evaluations.values()].at(-1))?.metrics ?? null;
}
