import type { Metrics, PartResult } from '../../src/domain/metric/metrics.ts';
import type { TrainerReport } from './input.ts';
import { addMeasured, type MeasuredFacts, nothingMeasured } from './measured.ts';

/** What an attempt's events have said so far. Never changed: `addFact` returns others. */
export interface AttemptFacts {
  /** Any event at all. */
  reported: boolean;
  finished: boolean;
  /** The last epoch, where the trainer itself chose to train no more; null otherwise. */
  stoppedAfter: number | null;
  /** Why the trainer itself gave up as diverged. */
  diverged: string | null;
  /** What the trainer said went wrong. */
  failed: string | null;
  /** The code of that failure, where the trainer knew the cause: how its other processes ended then follows from it. */
  failedCode: string | null;
  /** The last evaluation of each split. */
  evaluations: ReadonlyMap<string, PartResult>;
  /** The last epoch when the first evaluation came; null before it. */
  evaluatedAfter: number | null;
  /** The last epoch with its metrics; 0 before the first. */
  lastEpoch: number;
  lastMetrics: Metrics | null;
  /** Lines that the attempt did not sign, by what is wrong with them. */
  strangers: { unsigned: number; foreign: number };
  /** Why an evaluation cannot be read. */
  unreadable: string | null;
  /** Two lines that cannot both be true: two processes report. */
  contradiction: string | null;
  /** How often the training began. */
  starts: number;
  measured: MeasuredFacts;
  /** What was said of each epoch and split since the training (re)started within this attempt. */
  said: ReadonlyMap<string, Numbers>;
}

type Numbers = Readonly<Record<string, number>>;

export const noFacts: AttemptFacts = {
  reported: false,
  finished: false,
  stoppedAfter: null,
  diverged: null,
  failed: null,
  failedCode: null,
  evaluations: new Map(),
  evaluatedAfter: null,
  lastEpoch: 0,
  lastMetrics: null,
  strangers: { unsigned: 0, foreign: 0 },
  unreadable: null,
  contradiction: null,
  starts: 0,
  measured: nothingMeasured,
  said: new Map(),
};

/**
 * The facts after one more event. Order does not matter, save that a training is evaluated at its end, but the same thing is said once: two epochs or evaluations
 * that differ are two writers, unless the training started again in between (torchrun does that within an attempt).
 * What was evaluated does not start again: the better of two results is none.
 */
export function addFact(before: AttemptFacts, event: TrainerReport): AttemptFacts {
  const facts = { ...before, reported: true, measured: addMeasured(before.measured, event) };
  switch (event.type) {
    case 'started':
      if (facts.finished) return facts;
      return { ...facts, starts: facts.starts + 1, said: noFacts.said, contradiction: startedAgain(facts) };
    case 'finished':
      return { ...facts, finished: true, stoppedAfter: event.stoppedAfter ?? null };
    case 'diverged':
      return { ...facts, diverged: event.reason };
    case 'failed':
      // What other ranks complain of once one of them has given up is no news.
      return facts.failedCode === null ? { ...facts, failed: event.reason, failedCode: event.code ?? null } : facts;
    case 'evaluation': {
      const { split = 'test', metrics, classes, trivial } = event;
      const evaluations = new Map([...facts.evaluations, [split, { metrics, classes, ...(trivial && { trivial }) }]]);
      const evaluatedAfter = facts.evaluatedAfter ?? facts.lastEpoch;
      return { ...facts, evaluations, evaluatedAfter, ...compare(facts, `the evaluation on "${split}"`, metrics) };
    }
    case 'epoch': {
      const { epoch, loss, metrics } = event;
      const numbers = { ...metrics, ...(loss === undefined ? {} : { loss }) };
      const last = epoch < facts.lastEpoch ? {} : { lastEpoch: epoch, lastMetrics: event.metrics ?? facts.lastMetrics };
      const compared = compare(facts, `epoch ${epoch}`, numbers);
      return { ...facts, ...last, ...compared, contradiction: compared.contradiction ?? trainedOn(facts, epoch) };
    }
    case 'heartbeat':
    case 'checkpoint':
    case 'sample':
    case 'prediction':
    case 'warning':
      return facts;
  }
}

function startedAgain({ contradiction, starts, evaluations }: AttemptFacts): string | null {
  if (contradiction !== null || starts === 0 || evaluations.size === 0) return contradiction;
  return 'the training started again after it had been evaluated ("started" came twice): of two results of one attempt none counts. Train once in each attempt, and evaluate at the end';
}

/** Of an epoch after an evaluation; the epoch that just ended may be reported after it. */
function trainedOn({ evaluatedAfter }: AttemptFacts, epoch: number): string | null {
  if (evaluatedAfter === null || epoch < evaluatedAfter + 2) return null;
  return `an evaluation came after epoch ${evaluatedAfter} and training went on to epoch ${epoch}: it is of another network than the trained one. Report epochs with "epoch" (Python: run.report), and evaluate once, at the end`;
}

/** Remembers what was said of something, or finds that it was said otherwise. */
function compare(
  { said, contradiction }: AttemptFacts,
  of: string,
  numbers: Numbers,
): Pick<AttemptFacts, 'said' | 'contradiction'> {
  const before = said.get(of) ?? {};
  const differing = Object.keys(numbers).find((name) => name in before && !same(before[name], numbers[name]));
  return {
    said: new Map([...said, [of, { ...before, ...numbers }]]),
    contradiction:
      contradiction ??
      (differing === undefined
        ? null
        : `${of} was reported twice, with ${differing} ${before[differing]} and ${numbers[differing]}: two processes both take themselves for rank 0, or one reports twice. Only rank 0 may report; set RANK in the environment of each process`),
  };
}

function same(one: number | undefined, other: number | undefined): boolean {
  return Object.is(one, other) || Math.abs(Number(one) - Number(other)) <= 1e-9 * Math.abs(Number(one));
}

/** What a run came to that has no part in a decision: the test part's evaluation, or the only one there is, or the latest. */
export function finalEvaluation({ evaluations }: AttemptFacts): Metrics | null {
  return (evaluations.get('test') ?? [...evaluations.values()].at(-1))?.metrics ?? null;
}
