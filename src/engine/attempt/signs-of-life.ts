import type { SignsOfLife } from '../../../db/index.ts';
import type { LaunchedAttempt } from '../../protocol/event-lines.ts';
import { type RankSample, readRankSamples, sampleDirectory } from '../../protocol/sample-file.ts';
import { storeSamples } from './store-samples.ts';
import type { Training } from './training.ts';

const samplesEveryMs = 5000;
/** Milliseconds between records that an attempt is alive. */
const seenEveryMs = 2000;

export interface AttemptSigns {
  /** Signs of life in the trainer's lines. Training time runs from first to last, less time spent back in the queue. */
  onSeen(signs: SignsOfLife): void;
  onSample(sample: RankSample): void;
  /** Called at every tick. `waiting`: whether the job waits in a queue; null without a job. */
  look(waiting: boolean | null): void;
  /** Final look, after the attempt has exited. */
  lookAtLast(): void;
}

/** Stores an attempt's signs of life and its ranks' resource usage. */
export function attemptSigns({ session, run, runDirectory }: Training, attempt: LaunchedAttempt): AttemptSigns {
  const { store, say, now } = session;
  const { id: runId, key, workers } = run;
  const onSample = storeSamples({ store, runId, key, workers, onProgress: say });
  let requeued = false;
  let seenMs = Number.NEGATIVE_INFINITY;
  let sampledMs = Number.NEGATIVE_INFINITY;

  function onSeen(signs: SignsOfLife): void {
    store.markAttemptSeen(attempt.name, { ...signs, requeued });
    requeued = false;
  }

  function seeAlive(): void {
    seenMs = now();
    store.batch(() => onSeen({ fromMs: seenMs }));
  }

  function lookAtSamples(): void {
    sampledMs = now();
    const reported = readRankSamples(sampleDirectory(runDirectory, attempt.name));
    const samples = reported.filter(({ rank }) => rank < workers);
    if (samples.length > 0) store.batch(() => samples.forEach(onSample));
  }

  return {
    onSeen,
    onSample,
    look(waiting) {
      if (now() - sampledMs >= samplesEveryMs) lookAtSamples();
      if (waiting === true) requeued = true;
      else if (waiting === false && now() - seenMs >= seenEveryMs) seeAlive();
    },
    lookAtLast() {
      // A job that this engine never saw alive may have ended long ago; its own lines tell how long it trained.
      if (Number.isFinite(seenMs)) seeAlive();
      lookAtSamples();
    },
  };
}
