import type { EpochRecord, SignsOfLife } from '../../../db/index.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { printableLine } from '../../domain/text/printable.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { confined } from '../../protocol/files/within.ts';
import type { RankSample } from '../../protocol/sample-file.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { Training } from './training.ts';
import { short, type WarnOnce } from './warnings.ts';

/** Maximum number of files listed per attempt. */
const mostArtifacts = 10_000;

/** Thrown for an event that is left out; the message tells the user why. */
class Unfit extends Error {}

export interface StoreEventsOptions {
  attempt: LaunchedAttempt;
  /** Stores a worker's sample, in the same transaction as the batch. */
  onSample: (sample: RankSample) => void;
  /** Stores signs of life, in the same transaction as the batch. */
  onSeen: (signs: SignsOfLife) => void;
  /** Called for an evaluation with invalid fields. */
  onUnreadable: (problem: string) => void;
  warnOnce: WarnOnce;
}

/** Stores events in one transaction or, if one is unfit, each by itself. Returns those that were stored. */
export function storeEvents(
  training: Training,
  options: StoreEventsOptions,
): (events: TrainerEvent[]) => TrainerEvent[] {
  const { session, run } = training;
  const { store } = session;
  const { attempt, onSeen, warnOnce } = options;
  const launchedMs = store.attemptsOf(run.id).find(({ name }) => name === attempt.name)?.createdMs ?? 0;
  const storeEvent = storeOne(training, options);

  let seenMs = Number.NEGATIVE_INFINITY;
  /**
   * Records when the attempt was alive by the trainer's clock, which also covers times when no engine watched, clamped
   * to between launch and now. At most once a second, but always with an evaluation, since no training follows it.
   */
  function sawBetween(events: readonly TrainerEvent[]): void {
    const readMs = session.now();
    let [firstMs, lastMs] = [readMs, launchedMs];
    for (const { timeMs = readMs } of events) {
      const ms = Math.max(launchedMs, Math.min(Math.round(timeMs), readMs));
      firstMs = Math.min(firstMs, ms);
      lastMs = Math.max(lastMs, ms);
    }
    if (lastMs - seenMs < 1000 && !events.some(({ type }) => type === 'evaluation')) return;
    seenMs = lastMs;
    onSeen({ fromMs: firstMs, toMs: lastMs });
  }

  /** Reports an unfit event without losing the others; throws if the store itself fails. */
  function storedAlone(event: TrainerEvent): boolean {
    try {
      store.batch(() => storeEvent(event));
      return true;
    } catch (thrown) {
      if (!isUnfit(thrown)) throw thrown;
      const problem = `${printableLine(messageOf(thrown), 300)}. The event: ${short(JSON.stringify(event))}`;
      warnOnce(`unfit ${event.type}`, `An event "${event.type}" was left out: ${problem}`);
      if (event.type === 'evaluation') options.onUnreadable(problem);
      return false;
    }
  }

  return (events) => {
    try {
      store.batch(() => {
        events.forEach(storeEvent);
        sawBetween(events);
      });
      return events;
    } catch (thrown) {
      if (!isUnfit(thrown)) throw thrown;
    }
    const stored = events.filter((event) => !isMeasured(event) || storedAlone(event));
    if (stored.length > 0) store.batch(() => sawBetween(stored));
    return stored;
  };
}

/** Stores one event; throws if it is unfit. */
function storeOne(training: Training, { attempt, onSample }: StoreEventsOptions): (event: TrainerEvent) => void {
  const { session, run, runDirectory } = training;
  const { store, now } = session;
  const { id: runId, studyId } = run;
  let artifacts = 0;

  function listed(path: string): string {
    const file = confined(runDirectory, path);
    if (file === null) {
      throw new Unfit(`its path leads out of ${runDirectory}; write the file into that folder, as "checkpoints/…"`);
    }
    artifacts += 1;
    if (artifacts > mostArtifacts) throw new Unfit(`the attempt has already named ${mostArtifacts} files`);
    return file;
  }

  return (event) => {
    const timeMs = Math.round(event.timeMs ?? now());
    switch (event.type) {
      case 'started':
        store.describeAttempt(attempt.name, {
          capabilities: event.capabilities ?? null,
          environment: event.environment ?? null,
        });
        if (event.environment?.simulated === true) store.markRunSimulated(runId);
        break;
      case 'epoch':
        store.insertEpoch(epochRecord(training, attempt.number, event));
        break;
      case 'evaluation': {
        const { split = 'test', metrics, classes = null } = event;
        store.insertEvaluation({ runId, attempt: attempt.number, split, metrics, classes, timeMs });
        break;
      }
      case 'checkpoint':
      case 'prediction': {
        const { type: kind, path, epoch } = event;
        const detail = { attempt: attempt.number, epoch, ...(event.type === 'checkpoint' ? { step: event.step } : {}) };
        store.insertArtifact({ studyId, runId, kind, path: listed(path), detail, timeMs });
        break;
      }
      case 'sample':
        if (event.rank >= run.workers)
          throw new Unfit(`its rank is ${event.rank}, but the run has ${count(run.workers, 'worker')}`);
        onSample({ ...event, timeMs });
        break;
      case 'heartbeat':
      case 'warning':
      case 'diverged':
      case 'finished':
      case 'failed':
        break;
      default:
        event satisfies never;
    }
  };
}

export function epochRecord(
  { session, run }: Training,
  attempt: number,
  event: Extract<TrainerEvent, { type: 'epoch' }>,
): EpochRecord {
  const { epoch, phase = null, lr = null, loss = null, metrics = null, step = null, seconds = null } = event;
  const { measured = null, classes = null } = event;
  const timeMs = Math.round(event.timeMs ?? session.now());
  return { runId: run.id, epoch, attempt, phase, lr, loss, metrics, step, seconds, measured, classes, timeMs };
}

const measured: ReadonlySet<TrainerEvent['type']> = new Set([
  'started',
  'epoch',
  'evaluation',
  'checkpoint',
  'prediction',
  'sample',
]);

/** Whether the event is stored. Others are only signs of life and messages. */
export function isMeasured({ type }: TrainerEvent): boolean {
  return measured.has(type);
}

/** Whether the event is at fault, rather than the store. */
function isUnfit(thrown: unknown): boolean {
  if (thrown instanceof AutopilotError) return thrown.code === 'store.failed';
  return thrown instanceof Unfit || thrown instanceof RangeError || thrown instanceof TypeError;
}
