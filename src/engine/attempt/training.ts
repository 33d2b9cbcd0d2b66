import type { RunRecord } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { StudyMetrics } from '../plans/metric-meaning.ts';
import type { Session } from '../plans/plan.ts';
import type { WantedParts } from './deciding-parts.ts';

/** A run that is being trained in a session of its study. */
export interface Training {
  session: Session;
  /** What the study's metrics mean. */
  meaning: StudyMetrics;
  run: RunRecord;
  /** One sentence: why the plan wants it. */
  why: string;
  /** Of this run. */
  epochs: number;
  schedule: ScheduleSpec;
  /** Which evaluations count. */
  parts: WantedParts;
  /** Absolute. */
  runDirectory: string;
  onStarted: (event: Extract<TrainerEvent, { type: 'started' }>) => void;
  /** Stops this run. */
  signal: AbortSignal;
  /** Was the engine only interrupted, and the study is to go on later? */
  interrupted: () => boolean;
}
