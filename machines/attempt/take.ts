import { type DivergenceWatch, nothingWatched, type WatchedEpoch, watchEpoch } from '../../src/domain/divergence.ts';
import { fellShort, otherProcesses, otherRate, otherSamples, otherSteps } from './asked.ts';
import { type AttemptFacts, addFact, noFacts } from './facts.ts';
import type { AttemptEvent, AttemptInput, StartedReport, StopCause, StopRequest, TrainerReport } from './input.ts';
import { measuredBy } from './measured.ts';

export interface AttemptContext {
  input: AttemptInput;
  facts: AttemptFacts;
  /** Epochs trained so far, earlier attempts' included, in order. */
  epochs: readonly WatchedEpoch[];
  watch: DivergenceWatch;
  /** When the trainer last gave a sign of life, or last waited in a queue. */
  heardAtMs: number;
  /** Last progress of each rank that reports it. */
  progress: Readonly<Record<number, number>>;
  waiting: boolean;
  heldUpBy: string | null;
  /** When the first unsigned line came. */
  unsignedAtMs: number | null;
  /** When a trainer that has finished but still runs is stopped. */
  lingerUntilMs: number | null;
  /** The first cause found. */
  stopCause: StopCause | null;
}

const msPerMinute = 60_000;

/** A trainer whose first lines are unsigned has this long to sign one: until then they may be a stranger's. */
const unsignedMs = 10_000;

export function newAttempt(input: AttemptInput): AttemptContext {
  return {
    input,
    facts: noFacts,
    epochs: input.earlier,
    watch: watched(input.earlier, input).watch,
    heardAtMs: input.startedAtMs,
    progress: {},
    waiting: false,
    heldUpBy: null,
    unsignedAtMs: null,
    lingerUntilMs: null,
    stopCause: null,
  };
}

/** The changes an event makes to the context. */
export function taken(context: AttemptContext, event: AttemptEvent): Partial<AttemptContext> {
  const { facts } = context;
  switch (event.type) {
    case 'reported':
      return afterReport(context, event);
    case 'stranger': {
      const strangers = { ...facts.strangers, [event.kind]: facts.strangers[event.kind] + 1 };
      const unsignedAtMs = context.unsignedAtMs ?? (event.kind === 'unsigned' ? event.atMs : null);
      return { facts: { ...facts, strangers }, unsignedAtMs };
    }
    case 'unreadable':
      return { facts: { ...facts, unreadable: facts.unreadable ?? event.problem } };
    case 'ticked': {
      const { atMs, waiting, heldUpBy } = event;
      const heard = { ...context, heardAtMs: waiting ? atMs : context.heardAtMs };
      return { ...heard, waiting, heldUpBy, stopCause: context.stopCause ?? overdue(heard, atMs) };
    }
    case 'interrupted':
      return { stopCause: context.stopCause ?? { type: 'cancelled', reason: event.reason } };
    case 'failed':
      return { stopCause: context.stopCause ?? { type: 'failed', reason: event.reason } };
    case 'unstoppable':
    case 'exited':
      return {};
  }
}

function afterReport(
  context: AttemptContext,
  { report, atMs, undeclared = null }: Extract<AttemptEvent, { type: 'reported' }>,
): Partial<AttemptContext> {
  const { input } = context;
  const facts = addFact(context.facts, report);
  const cannot = report.type === 'started' ? cannotTrain(report, input.setting) : null;
  const epoch = report.type === 'epoch' && !facts.finished ? afterEpoch(context, report) : null;
  const stopCause =
    context.stopCause ??
    because('contradicted', facts.contradiction) ??
    because('wrongOptimizer', cannot) ??
    because('wrongMetrics', undeclared) ??
    because('notAsAsked', context.facts.finished ? null : deviation(context, facts, report)) ??
    because('diverged', epoch?.reason ?? null);
  const lingerUntilMs = context.lingerUntilMs ?? (facts.finished ? atMs + input.timeouts.stopSeconds * 1000 : null);
  return {
    facts,
    ...heardOf(context, report, atMs),
    stopCause,
    lingerUntilMs,
    ...(epoch && { epochs: epoch.epochs, watch: epoch.watch }),
  };
}

/** A heartbeat is no sign of life if its rank counts steps and has made none since the last one. */
function heardOf({ progress, heardAtMs }: AttemptContext, report: TrainerReport, atMs: number) {
  if (report.type !== 'heartbeat' || report.progress === undefined) return { heardAtMs: atMs };
  const { rank = 0 } = report;
  const stands = progress[rank] === report.progress;
  return { heardAtMs: stands ? heardAtMs : atMs, progress: { ...progress, [rank]: report.progress } };
}

function because(
  type: 'contradicted' | 'wrongOptimizer' | 'wrongMetrics' | 'notAsAsked' | 'diverged',
  reason: string | null,
): StopCause | null {
  return reason === null ? null : { type, reason };
}

/** An epoch trained or reported again replaces the earlier one and all after it. */
function afterEpoch({ input, epochs, watch }: AttemptContext, { epoch, loss, metrics }: WatchedEpoch) {
  const before = epochs.filter((other) => other.epoch < epoch);
  const known = before.length === epochs.length ? watch : watched(before, input).watch;
  const next = [...before, { epoch, loss, metrics }];
  return { epochs: next, ...watchEpoch(known, { epoch, loss, metrics }, ruleOf(input)) };
}

function watched(epochs: readonly WatchedEpoch[], input: AttemptInput) {
  const rule = ruleOf(input);
  return epochs.reduce(({ watch }, epoch) => watchEpoch(watch, epoch, rule), { watch: nothingWatched });
}

function ruleOf({ divergence, setting, epochs, primary }: AttemptInput) {
  return { ...divergence, warmupEpochs: setting.warmupEpochs, epochs, primary };
}

/** The deadline that has passed, or null. */
function overdue({ facts, input, heardAtMs, unsignedAtMs }: AttemptContext, atMs: number): StopCause | null {
  const { startMinutes, silenceMinutes } = input.timeouts;
  const minutes = (atMs - heardAtMs) / msPerMinute;
  if (facts.finished) return null;
  if (facts.reported) return minutes >= silenceMinutes ? { type: 'silent', minutes: silenceMinutes } : null;
  if (unsignedAtMs !== null && atMs - unsignedAtMs >= unsignedMs) return { type: 'unsigned' };
  return minutes >= startMinutes ? { type: 'neverReported', minutes: startMinutes } : null;
}

/** Why the started trainer cannot train this run: it lacks the optimizer. Null when it can. */
function cannotTrain({ capabilities }: StartedReport, { optimizer }: AttemptInput['setting']): string | null {
  const optimizers = capabilities?.optimizers;
  if (optimizers === undefined || optimizers.includes(optimizer)) return null;
  const known = optimizers.length === 0 ? 'none' : optimizers.join(', ');
  return `the trainer says that it cannot do ${optimizer}, only ${known}. Teach it ${optimizer}, or set setting.optimizer to one that it can do`;
}

/** How a trainer's measurements differ from what was asked; null when they do not. */
function deviation(
  { input: { asked }, epochs }: AttemptContext,
  facts: AttemptFacts,
  report: TrainerReport,
): string | null {
  const measured = measuredBy(report);
  const { stepsPerEpoch } = facts.measured;
  switch (report.type) {
    case 'started':
      return otherProcesses(asked, measured) ?? otherSamples(asked, measured);
    case 'epoch':
      return (
        otherProcesses(asked, measured) ??
        otherRate(asked, report.epoch, { ...measured, last: report.lr }) ??
        otherSteps(report.epoch, { ...measured, stepsPerEpoch }) ??
        otherSamples(asked, { stepsPerEpoch })
      );
    case 'finished':
      return (
        otherProcesses(asked, measured) ??
        otherSamples(asked, { stepsPerEpoch }) ??
        fellShort({ ...asked, epochs: report.stoppedAfter ?? asked.epochs }, epochs, {
          stepsPerEpoch,
          steps: report.steps ?? report.measured?.steps,
        })
      );
    case 'evaluation':
    case 'diverged':
    case 'failed':
    case 'heartbeat':
    case 'checkpoint':
    case 'sample':
    case 'prediction':
    case 'warning':
      return null;
  }
}

/** How to stop the attempt: one that can continue later gets time to save itself. */
export function stopRequest({ stopCause, input }: AttemptContext): StopRequest {
  const stopMs = input.timeouts.stopSeconds * 1000;
  switch (stopCause?.type) {
    case undefined:
      return { graceMs: 1000, gently: false };
    case 'cancelled':
    case 'failed':
      return { graceMs: stopMs, gently: true };
    case 'diverged':
    case 'wrongOptimizer':
    case 'wrongMetrics':
    case 'notAsAsked':
    case 'contradicted':
    case 'unsigned':
    case 'neverReported':
    case 'silent':
      return { graceMs: Math.min(stopMs, 5000), gently: false };
  }
}
