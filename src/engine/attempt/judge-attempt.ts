import { type AttemptFacts, finalEvaluation, type StopCause } from '../../../machines/attempt/index.ts';
import type { ClassMetrics, Metrics, PartResult } from '../../domain/metric/metrics.ts';
import type { RunEvaluation } from '../../domain/study.ts';
import { count } from '../../domain/text/format.ts';
import type { ExitReport } from '../../launcher/launcher.ts';
import { decidingEvaluations, type WantedParts } from './deciding-parts.ts';
import { lastWords } from './last-words.ts';
import type { UnderstoodMetrics } from './understand-metrics.ts';

/** How an attempt ended, in one word; stored with it. */
export type ExitReason =
  | 'finished'
  | 'diverged'
  | 'stopped'
  | 'crashed'
  | 'unfinished'
  | 'neverReported'
  | 'silent'
  | 'noEvaluation'
  | 'wrongMetrics'
  | 'wrongParts'
  | 'wrongOptimizer'
  | 'notAsAsked'
  | 'contradicted'
  | 'unsigned'
  | 'notStarted'
  | 'outOfMemory'
  | 'workersLost'
  | 'timeLimit'
  | 'preempted'
  | 'cancelled'
  | 'gone';

/** Exits that are not the training's fault; `gone` without progress has a limit of its own. */
const uncounted: ReadonlySet<string> = new Set<ExitReason>(['stopped', 'preempted', 'gone']);

/** Whether an attempt with this exit counts against the study's `attempts`. */
export function isCounted(exit: string): boolean {
  return !uncounted.has(exit);
}

/** The result of an attempt. */
export type AttemptEnd =
  | ({ state: 'finished'; warnings: string[] } & RunEvaluation)
  | { state: 'diverged'; reason: string; metrics: Metrics | null }
  | { state: 'stopped'; reason: string }
  /** `again`: whether another attempt is worthwhile. */
  | { state: 'failed'; exit: ExitReason; reason: string; again: boolean };

export interface JudgeOptions {
  /** Converts the trainer's metrics to the study's names and scale. */
  understand: (reported: Metrics, trivial: Metrics | null, what: 'result' | 'rest') => UnderstoodMetrics;
  /** Converts metrics that decide nothing to fractions, once a result has settled the study's scale. */
  inFractions: (metrics: Metrics) => Metrics;
  facts: AttemptFacts;
  exit: ExitReport;
  stopped: StopCause | null;
  /** Which evaluations count. */
  parts: WantedParts;
  /** Path of the log with the program's output. */
  log: string;
  /** What its processes were doing when it was taken for hung, in words; null if unknown. */
  busy?: string | null;
  /** Whether the trainer is autopilot's own. It always reports, so silence means a hang, worth another attempt. */
  embedded?: boolean;
}

/** Judges an attempt by its events first and its exit second: exit code 0 alone proves nothing. */
export function judgeAttempt(options: JudgeOptions): AttemptEnd {
  const { facts, exit, stopped } = options;
  if (facts.contradiction !== null) return failed('contradicted', facts.contradiction, { again: false });
  if (!facts.reported && facts.strangers.unsigned > 0) return failed('unsigned', unsigned, { again: false });
  if (stopped?.type === 'notAsAsked') return failed('notAsAsked', `not as asked: ${stopped.reason}`, { again: false });
  if (facts.diverged !== null) return diverged(facts.diverged, options);
  if (stopped?.type === 'diverged') return diverged(stopped.reason, options);
  if (stopped?.type === 'wrongOptimizer' || stopped?.type === 'wrongMetrics') {
    return failed(stopped.type, stopped.reason, { again: false });
  }
  // A trainer that stops early and then fails did not stop by choice.
  const leftEarly = facts.stoppedAfter !== null && stopped === null && hasFailed(exit);
  if (facts.finished && !leftEarly) return judgeFinished(options);
  if (stopped?.type === 'cancelled') return { state: 'stopped', reason: stopped.reason };
  if (stopped?.type === 'neverReported') {
    if (options.embedded) {
      return failed(
        'workersLost',
        `no worker started within ${count(stopped.minutes, 'minute')}, so the run was considered hung`,
      );
    }
    return failed('neverReported', `${neverReported} in ${count(stopped.minutes, 'minute')}`, { again: false });
  }
  if (stopped?.type === 'silent') {
    return failed(
      'silent',
      `there was no event or step for ${count(stopped.minutes, 'minute')}, so the training was considered hung and stopped${options.busy ? `: ${options.busy}` : ''}. Report heartbeats with every step and every batch of an evaluation, or raise timeouts.silenceMinutes`,
    );
  }
  return judgeExit(exit, options);
}

const neverReported =
  'the program reported nothing. It must append events to events.ndjson in the folder AUTOPILOT_RUN (docs/trainer-protocol.md), but wrote none';

/** Tells authors of trainers that predate secrets what to add. */
export const unsigned =
  'its lines carry no "secret", so they cannot be distinguished from lines of processes that this engine did not launch, and are ignored. Add the environment variable AUTOPILOT_SECRET to every line as "secret" (docs/trainer-protocol.md); in Python, install the client that belongs to this autopilot';

function judgeFinished(options: JudgeOptions): AttemptEnd {
  const { facts, exit, understand } = options;
  const warnings: string[] = [];
  if (facts.unreadable !== null) {
    return failed('wrongMetrics', `an evaluation cannot be read: ${facts.unreadable}`, { again: false });
  }
  const deciding = decidingEvaluations(facts.evaluations, options.parts);
  if (deciding.state === 'missing') return failed('wrongParts', deciding.reason, { again: false });
  const { confirming, split, classes, trivial } = deciding.state === 'decides' ? deciding : {};
  const reported = deciding.state === 'decides' ? deciding.metrics : null;
  if (reported === null) {
    return failed(
      'noEvaluation',
      'the program finished without an evaluation. Send an "evaluation" event with the metrics before "finished" (Python: run.evaluate(…))',
      { again: false },
    );
  }
  if (facts.stoppedAfter !== null) {
    warnings.push(
      `The training stopped by itself after epoch ${facts.stoppedAfter}, before the end of its schedule; its result counts as it is.`,
    );
  }
  if (hasFailed(exit)) {
    warnings.push(`The program ${describeExit(exit)} after it had reported finished; its result counts.`);
  }
  const understood = understand(reported, trivial ?? null, 'result');
  if (understood.state === 'wrong') return failed('wrongMetrics', understood.reason, { again: false });
  if (understood.state === 'notFinite') return { state: 'diverged', reason: understood.reason, metrics: reported };
  const confirmed = confirming && understand(confirming.metrics, confirming.trivial ?? null, 'result');
  if (confirmed?.state === 'wrong') return failed('wrongMetrics', confirmed.reason, { again: false });
  if (confirmed?.state === 'notFinite') return { state: 'diverged', reason: confirmed.reason, metrics: reported };
  return {
    state: 'finished',
    metrics: understood.metrics,
    ...(understood.trivial === null ? {} : { trivial: understood.trivial }),
    ...(split === undefined ? {} : { split }),
    ...scaledClasses(classes, options),
    ...(confirming && confirmed ? { confirming: confirmedPart(confirming, confirmed, options) } : {}),
    warnings: [...warnings, ...understood.warnings],
  };
}

function confirmedPart(
  { split, classes }: PartResult,
  { metrics, trivial }: Extract<UnderstoodMetrics, { state: 'understood' }>,
  options: JudgeOptions,
): PartResult {
  return { split, metrics, ...(trivial === null ? {} : { trivial }), ...scaledClasses(classes, options) };
}

function scaledClasses(classes: ClassMetrics | undefined, { inFractions }: JudgeOptions): { classes?: ClassMetrics } {
  if (classes === undefined) return {};
  const scaled = Object.entries(classes).map(([name, metrics]) => [name, inFractions(metrics)]);
  return { classes: Object.fromEntries(scaled) };
}

function diverged(reason: string, { facts, understand }: JudgeOptions): AttemptEnd {
  const reported = finalEvaluation(facts) ?? facts.lastMetrics;
  const understood = reported === null ? null : understand(reported, null, 'rest');
  return { state: 'diverged', reason, metrics: understood?.state === 'understood' ? understood.metrics : null };
}

function judgeExit(exit: ExitReport, options: JudgeOptions): AttemptEnd {
  const { facts, log } = options;
  switch (exit.state) {
    case 'notStarted':
      return failed('notStarted', `the program could not be started: ${exit.message}`, { again: false });
    case 'outOfMemory':
      return failed(
        'outOfMemory',
        `out of memory: ${exit.message}. Lower batchPerWorker or concurrentRuns, or give it more memory`,
      );
    case 'workersLost':
      // A rank that gives up for a known cause brings down the others, by whatever signal.
      if (facts.failedCode !== null) return failed('crashed', `the trainer failed: ${facts.failed}`);
      return failed('workersLost', `workers were lost: ${exit.message}`);
    case 'timeLimit':
      return failed('timeLimit', `the scheduler's time limit was reached: ${exit.message}`);
    case 'preempted':
      return failed('preempted', `the job was preempted: ${exit.message}`);
    case 'cancelled':
      return failed('cancelled', `${exit.message}, so it is not started again`, { again: false });
    case 'gone':
      if (facts.failed !== null) return failed('crashed', `the trainer failed: ${facts.failed}`);
      return failed('gone', 'its processes are gone, and how they ended is unknown');
    case 'exited':
    case 'signalled': {
      if (facts.failed !== null) return failed('crashed', `the trainer failed: ${facts.failed}`);
      const code = exit.state === 'exited' ? exit.code : null;
      if (code === 0 && !facts.reported) return failed('neverReported', `${neverReported} and ended`, { again: false });
      if (code === 0) {
        return failed(
          'unfinished',
          `the program ended with exit code 0 but without a "finished" event, in epoch ${facts.lastEpoch}. An exit code alone proves nothing: send "finished" as the last event`,
        );
      }
      return failed(
        'crashed',
        `the program ${describeExit(exit)} after epoch ${facts.lastEpoch}.${lastWords(log)} Its output: ${log}`,
      );
    }
  }
}

function failed(exit: ExitReason, reason: string, { again = true }: { again?: boolean } = {}): AttemptEnd {
  return { state: 'failed', exit, reason, again };
}

function hasFailed(exit: ExitReport): boolean {
  return exit.state === 'signalled' || (exit.state === 'exited' && exit.code !== 0);
}

function describeExit(exit: ExitReport): string {
  if (exit.state === 'exited') return `ended with exit code ${exit.code}`;
  return exit.state === 'signalled' ? `was ended by ${exit.signal}` : 'ended';
}
