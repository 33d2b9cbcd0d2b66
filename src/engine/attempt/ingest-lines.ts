import type { EventLine } from '../../protocol/event-lines.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { epochRecord, isMeasured, type StoreEventsOptions, storeEvents } from './store-events.ts';
import type { Training } from './training.ts';
import { problemOf, warningOf, warningsOf } from './warnings.ts';

export interface IngestOptions extends Omit<StoreEventsOptions, 'warnOnce'> {
  /** Called with each event, in order, after it has been stored. */
  onEvent: (event: TrainerEvent) => void;
  /** Called for a line not signed by a process that this attempt launched. */
  onStranger: (kind: 'unsigned' | 'foreign') => void;
}

/** Stores a trainer's reports, one batch of lines per transaction; ingesting the same lines again changes nothing. */
export function ingestLines(training: Training, options: IngestOptions): (lines: EventLine[]) => void {
  const { session, run, epochs, runDirectory } = training;
  const { say } = session;
  const { attempt, onEvent } = options;
  const warnOnce = warningsOf(training, attempt);
  const store = storeEvents(training, { ...options, warnOnce });
  const known = new Set(
    session.store
      .epochsOf(run.id)
      .filter((row) => row.attempt === attempt.number)
      .map((row) => row.epoch),
  );

  function handle(line: Exclude<EventLine, { state: 'valid' }>): void {
    warnOnce(...warningOf(line, { runDirectory, attempt }));
    if (line.state === 'invalid' && line.type === 'evaluation') options.onUnreadable(problemOf(line));
    if (line.state === 'unsigned' || line.state === 'foreign') options.onStranger(line.state);
  }

  return (lines) => {
    const valid = lines.flatMap((line) => (line.state === 'valid' ? [line.event] : []));
    const events = valid.some(isMeasured) ? store(valid) : valid;
    for (const line of lines) if (line.state !== 'valid') handle(line);
    let alive = false;
    for (const event of events) {
      if (event.type === 'warning') {
        warnOnce(event.message, event.message);
        // One warning per batch is enough as a sign of life.
        if (alive) continue;
        alive = true;
      }
      if (event.type === 'epoch' && !known.has(event.epoch)) {
        known.add(event.epoch);
        const { epoch, phase, lr, loss, metrics, timeMs } = epochRecord(training, attempt.number, event);
        const shown = metrics && training.meaning.inFractions(metrics);
        say({ type: 'epoch', key: run.key, epoch, epochs, phase, lr, loss, metrics: shown, timeMs });
      }
      onEvent(event);
    }
  };
}
