import type { Metrics, PartResult } from '../../src/domain/metric/metrics.ts';
import type { TrainerReport } from './input.ts';
import { addMeasured, type MeasuredFacts, nothingMeasured } from './measured.ts';

/** What an attempt's events have said so far. Immutable: `addFact` returns a new object. */
export interface AttemptFacts {
  /** Whether any event has come. */
  reported: boolean;
  finished: boolean;
  /** The last epoch, if the trainer itself stopped early; null otherwise. */
  stoppedAfter: number | null;
  /** Why the trainer itself gave up as diverged. */
  diverged: string | null;
  /** What the trainer said went wrong. */
  failed: string | null;
  /** The code of that failure, if the trainer knew the cause; how its other processes ended then follows from it. */
  failedCode: string | null;
  /** The last evaluation of each split. */
  evaluations: ReadonlyMap<string, PartResult>;
  /** The last epoch at the time of the first evaluation; null before one. */
  evaluatedAfter: number | null;
  /** 0 before the first. */
  lastEpoch: number;
  lastMetrics: Metrics | null;
  /** Counts of lines that this attempt did not sign, by what is wrong with them. */
  strangers: { unsigned: number; foreign: number };
  /** Why an evaluation cannot be read. */
  unreadable: string | null;
  /** Describes two lines that cannot both be true, e.g. because two processes report. */
  contradiction: string | null;
  /** How often the training started. */
  starts: number;
  measured: MeasuredFacts;
  /** Numbers reported for each epoch and split since the training last (re)started within this attempt. */
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
 * The facts after one more event. Order does not matter, except that evaluation comes at the end of training. Nothing
 * may be reported twice with different numbers: that means two writers, unless the training restarted in between, as
 * torchrun does within an attempt. A training that was evaluated must not restart: of two results, neither counts.
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
      // Once one rank has given up, complaints of the others add nothing.
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
  return 'the training started again after it had been evaluated ("started" came twice): an attempt may have only one result, so neither counts. Train once in each attempt, and evaluate at the end';
}

/** The contradiction of training on after an evaluation; the epoch that just ended may be reported after it. */
function trainedOn({ evaluatedAfter }: AttemptFacts, epoch: number): string | null {
  if (evaluatedAfter === null || epoch < evaluatedAfter + 2) return null;
  return `an evaluation came after epoch ${evaluatedAfter} and training went on to epoch ${epoch}: so it is not of the final network. Report epochs with "epoch" (Python: run.report), and evaluate once, at the end`;
}

/** Records the numbers reported for `of`, and a contradiction if they differ from those of an earlier report. */
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
        : `${of} was reported twice, with ${differing} ${before[differing]} and ${numbers[differing]}: two processes both consider themselves rank 0, or one reports twice. Only rank 0 may report; set RANK in the environment of each process`),
  };
}

function same(one: number | undefined, other: number | undefined): boolean {
  return Object.is(one, other) || Math.abs(Number(one) - Number(other)) <= 1e-9 * Math.abs(Number(one));
}

/** The result of a run that takes no part in a decision: the test part's evaluation, else the last one. */
export function finalEvaluation({ evaluations }: AttemptFacts): Metrics | null {
  return (evaluations.get('test') ?? [...evaluations.values()].at(-1))?.metrics ?? null;
}
