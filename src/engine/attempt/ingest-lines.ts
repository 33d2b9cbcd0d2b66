import type { EpochRecord, SignsOfLife } from '../../../db/index.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { printableLine } from '../../domain/text/printable.ts';
import type { EventLine, LaunchedAttempt } from '../../protocol/event-lines.ts';
import type { RankSample } from '../../protocol/sample-file.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { confined } from '../../protocol/within.ts';
import { unsigned } from './judge-attempt.ts';
import type { Training } from './training.ts';

export interface IngestOptions {
  attempt: LaunchedAttempt;
  /** Stores a worker's sample, in the same transaction as the batch. */
  onSample: (sample: RankSample) => void;
  /** Stores when it was alive, in the same transaction as the batch. */
  onSeen: (signs: SignsOfLife) => void;
  /** Every event, in order, after it was stored. */
  onEvent: (event: TrainerEvent) => void;
  /** A line that nobody launched by this attempt has signed. */
  onStranger: (kind: 'unsigned' | 'foreign') => void;
  /** An evaluation whose fields are wrong. */
  onUnreadable: (problem: string) => void;
}

/** Of one attempt: different warnings that are kept, and files that are listed. */
const mostWarnings = 100;
const mostArtifacts = 10_000;

/** Why an event is left out, as one reads it. */
class Unfit extends Error {}

/** Stores what a trainer reports, a batch of lines in one transaction; reading the same lines again changes nothing. */
export function ingestLines(training: Training, options: IngestOptions): (lines: EventLine[]) => void {
  const { session, run, epochs, runDirectory } = training;
  const { store, say, now } = session;
  const { id: runId, studyId, key } = run;
  const { attempt, onEvent, onSeen } = options;
  const reported = new Set<string>();
  const launchedMs = store.attemptsOf(runId).find(({ name }) => name === attempt.name)?.createdMs ?? 0;
  let artifacts = 0;
  const known = new Set(
    store
      .epochsOf(runId)
      .filter((row) => row.attempt === attempt.number)
      .map((row) => row.epoch),
  );

  function warnOnce(id: string, message: string): void {
    if (reported.has(id) || reported.size > mostWarnings) return;
    reported.add(id);
    if (reported.size > mostWarnings) {
      warn(`There were ${mostWarnings} different warnings; further ones are in ${runDirectory}/events.ndjson only.`);
    } else warn(message);
  }

  function warn(message: string): void {
    store.appendEvent(studyId, { type: 'run.warned', key, message, attempt: attempt.number }, now());
    say({ type: 'warning', key, message });
  }

  let seenMs = Number.NEGATIVE_INFINITY;
  /**
   * By the trainer's clock, which counts where nobody watched; never before its launch, nor later than it was read. Noted once a second at
   * most, and with an evaluation, after which nothing is trained any more.
   */
  function sawBetween(events: readonly TrainerEvent[]): void {
    const readMs = now();
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

  function heed(line: EventLine): void {
    switch (line.state) {
      case 'valid':
        break;
      case 'unknown':
        warnOnce(
          `unknown ${line.type}`,
          `The trainer sends events of the type "${short(line.type)}", which this version does not know; they are kept in events.ndjson.`,
        );
        break;
      case 'invalid': {
        const problem = `${line.problem}. The line: ${short(line.line)}`;
        warnOnce(`invalid ${line.type}`, `An event "${line.type}" was left out: ${problem}`);
        if (line.type === 'evaluation') options.onUnreadable(problem);
        break;
      }
      case 'refused':
        warnOnce(
          `refused ${line.problem}`,
          `A line of events.ndjson was left out: ${line.problem}.${line.line === '' ? '' : ` It begins: ${short(line.line)}`}`,
        );
        break;
      case 'noise':
        warnOnce(
          'noise',
          `events.ndjson holds a line that is no event: ${short(line.line)}. Such lines are ignored; print to standard output instead.`,
        );
        break;
      case 'unsigned':
        warnOnce('unsigned', `An event "${line.type}" does not count: ${unsigned}.`);
        options.onStranger('unsigned');
        break;
      case 'foreign':
        warnOnce(
          'foreign',
          `A process that this engine did not launch writes into ${runDirectory} (an event "${line.type}" with another secret). Its lines do not count; end it.`,
        );
        options.onStranger('foreign');
        break;
      case 'fenced':
        warnOnce(
          `fenced ${line.attempt}`,
          `A process of attempt ${line.attempt} still writes; attempt ${attempt.number} counts.`,
        );
        break;
      default:
        line satisfies never;
    }
  }

  /** The event's own fault is said and costs no other event; a store that fails throws. */
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

  /** Those that were stored: all in one go, or else each by itself. */
  function storeAll(events: TrainerEvent[]): TrainerEvent[] {
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
  }

  function listed(path: string): string {
    const file = confined(runDirectory, path);
    if (file === null) {
      throw new Unfit(`its path leads out of ${runDirectory}; write the file into that folder, as "checkpoints/…"`);
    }
    artifacts += 1;
    if (artifacts > mostArtifacts) throw new Unfit(`the attempt has named ${mostArtifacts} files already`);
    return file;
  }

  function storeEvent(event: TrainerEvent): void {
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
        store.insertEpoch(epochRecord(event));
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
          throw new Unfit(`it is of rank ${event.rank}, and the run has ${run.workers} workers`);
        options.onSample({ ...event, timeMs });
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
  }

  function epochRecord(event: Extract<TrainerEvent, { type: 'epoch' }>): EpochRecord {
    const { epoch, phase = null, lr = null, loss = null, metrics = null, step = null, seconds = null } = event;
    const { measured = null, classes = null } = event;
    const timeMs = Math.round(event.timeMs ?? now());
    return {
      runId,
      epoch,
      attempt: attempt.number,
      phase,
      lr,
      loss,
      metrics,
      step,
      seconds,
      measured,
      classes,
      timeMs,
    };
  }

  return (lines) => {
    const valid = lines.flatMap((line) => (line.state === 'valid' ? [line.event] : []));
    const events = valid.some(isMeasured) ? storeAll(valid) : valid;
    lines.forEach(heed);
    let alive = false;
    for (const event of events) {
      if (event.type === 'warning') {
        warnOnce(event.message, event.message);
        // One of thousands is sign of life enough.
        if (alive) continue;
        alive = true;
      }
      if (event.type === 'epoch' && !known.has(event.epoch)) {
        known.add(event.epoch);
        const { epoch, phase, lr, loss, metrics, timeMs } = epochRecord(event);
        const shown = metrics && training.meaning.inFractions(metrics);
        say({ type: 'epoch', key, epoch, epochs, phase, lr, loss, metrics: shown, timeMs });
      }
      onEvent(event);
    }
  };
}

const measured: ReadonlySet<TrainerEvent['type']> = new Set([
  'started',
  'epoch',
  'evaluation',
  'checkpoint',
  'prediction',
  'sample',
]);

function isMeasured({ type }: TrainerEvent): boolean {
  return measured.has(type);
}

/** Is it the event that cannot be stored, or the store that cannot store? */
function isUnfit(thrown: unknown): boolean {
  if (thrown instanceof AutopilotError) return thrown.code === 'store.failed';
  return thrown instanceof Unfit || thrown instanceof RangeError || thrown instanceof TypeError;
}

function short(line: string): string {
  return printableLine(line.slice(0, 1000).replace(/("secret"\s*:\s*")[^"]*/g, '$1\u2026'), 120);
}
