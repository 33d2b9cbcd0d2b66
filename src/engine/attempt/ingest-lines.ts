import type { EpochRecord, SignsOfLife, Store } from '../../../db/index.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { EventLine, LaunchedAttempt } from '../../protocol/event-lines.ts';
import { checkpointPath } from '../../protocol/run-directory.ts';
import type { RankSample } from '../../protocol/sample-file.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { unsigned } from './judge-attempt.ts';

export interface IngestOptions {
  store: Store;
  studyId: string;
  runId: string;
  key: string;
  epochs: number;
  attempt: LaunchedAttempt;
  runDirectory: string;
  onProgress: OnProgress;
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
  now: () => number;
}

/** Stores what a trainer reports, a batch of lines in one transaction; reading the same lines again changes nothing. */
export function ingestLines(options: IngestOptions): (lines: EventLine[]) => void {
  const { store, studyId, runId, key, epochs, attempt, onProgress, onEvent, onSeen, now } = options;
  const reported = new Set<string>();
  const known = new Set(
    store
      .epochsOf(runId)
      .filter((row) => row.attempt === attempt.number)
      .map((row) => row.epoch),
  );

  function warnOnce(id: string, message: string): void {
    if (reported.has(id)) return;
    reported.add(id);
    store.appendEvent(studyId, { type: 'run.warned', key, message, attempt: attempt.number }, now());
    onProgress({ type: 'warning', key, message });
  }

  let seenMs = Number.NEGATIVE_INFINITY;
  /**
   * By the trainer's clock, which counts where nobody watched; never later than it was read. Noted once a second at
   * most, and with an evaluation, after which nothing is trained any more.
   */
  function sawBetween(events: readonly TrainerEvent[]): void {
    const readMs = now();
    const times = events.map(({ timeMs }) => Math.min(Math.round(timeMs ?? readMs), readMs));
    const lastMs = Math.max(...times);
    if (lastMs - seenMs < 1000 && !events.some(({ type }) => type === 'evaluation')) return;
    seenMs = lastMs;
    onSeen({ fromMs: Math.min(...times), toMs: lastMs });
  }

  return (lines) => {
    const events = lines.flatMap((line) => (line.kind === 'event' ? [line.event] : []));
    if (events.some(isMeasured))
      store.batch(() => {
        events.forEach((event) => {
          storeEvent(event, options);
        });
        sawBetween(events);
      });
    for (const line of lines) {
      if (line.kind === 'unknown') {
        warnOnce(
          `unknown ${line.type}`,
          `The trainer sends events of the type "${line.type}", which this version does not know; they are kept in events.ndjson.`,
        );
      } else if (line.kind === 'invalid') {
        warnOnce(
          `invalid ${line.type}`,
          `An event "${line.type}" was left out: ${line.problem}. The line: ${short(line.line)}`,
        );
        if (line.type === 'evaluation') options.onUnreadable(`${line.problem}. The line: ${short(line.line)}`);
      } else if (line.kind === 'noise') {
        warnOnce(
          'noise',
          `events.ndjson holds a line that is no event: ${short(line.line)}. Such lines are ignored; print to standard output instead.`,
        );
      } else if (line.kind === 'unsigned' || line.kind === 'foreign') {
        warnOnce(
          line.kind,
          line.kind === 'unsigned'
            ? `An event "${line.type}" does not count: ${unsigned}.`
            : `A process that this engine did not launch writes into ${options.runDirectory} (an event "${line.type}" with another secret). Its lines do not count; end it.`,
        );
        options.onStranger(line.kind);
      } else if (line.kind === 'fenced') {
        warnOnce(
          `fenced ${line.attempt}`,
          `A process of attempt ${line.attempt} still writes; attempt ${attempt.number} counts.`,
        );
      }
    }
    for (const event of events) {
      if (event.type === 'warning') warnOnce(event.message, event.message);
      if (event.type === 'epoch' && !known.has(event.epoch)) {
        known.add(event.epoch);
        const { epoch, phase, lr, loss, metrics } = toEpoch(event, options);
        onProgress({ type: 'epoch', key, epoch, epochs, phase, lr, loss, metrics });
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

function storeEvent(event: TrainerEvent, options: IngestOptions): void {
  const { store, studyId, runId, attempt, runDirectory } = options;
  const timeMs = Math.round(event.timeMs ?? options.now());
  switch (event.type) {
    case 'started':
      store.describeAttempt(attempt.name, {
        capabilities: event.capabilities ?? null,
        environment: event.environment ?? null,
      });
      if (event.environment?.simulated === true) store.markRunSimulated(runId);
      break;
    case 'epoch':
      store.insertEpoch(toEpoch(event, options));
      break;
    case 'evaluation':
      store.insertEvaluation({
        runId,
        attempt: attempt.number,
        split: event.split ?? 'test',
        metrics: event.metrics,
        classes: event.classes ?? null,
        timeMs,
      });
      break;
    case 'checkpoint':
    case 'prediction': {
      const { type: kind, path, epoch } = event;
      const detail = { attempt: attempt.number, epoch, ...(event.type === 'checkpoint' ? { step: event.step } : {}) };
      store.insertArtifact({ studyId, runId, kind, path: checkpointPath(runDirectory, path), detail, timeMs });
      break;
    }
    case 'sample':
      options.onSample({ ...event, timeMs });
      break;
  }
}

function toEpoch(event: Extract<TrainerEvent, { type: 'epoch' }>, { runId, attempt, now }: IngestOptions): EpochRecord {
  return {
    runId,
    epoch: event.epoch,
    attempt: attempt.number,
    phase: event.phase ?? null,
    lr: event.lr ?? null,
    loss: event.loss ?? null,
    metrics: event.metrics ?? null,
    step: event.step ?? null,
    seconds: event.seconds ?? null,
    timeMs: Math.round(event.timeMs ?? now()),
  };
}

function short(line: string): string {
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}
