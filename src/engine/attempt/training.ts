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
  /** Epochs of this run. */
  epochs: number;
  schedule: ScheduleSpec;
  /** Which evaluations count. */
  parts: WantedParts;
  /** Absolute path. */
  runDirectory: string;
  onStarted: (event: Extract<TrainerEvent, { type: 'started' }>) => void;
  /** Aborting stops this run. */
  signal: AbortSignal;
  /** Whether the engine was only interrupted, so that the study will continue later. */
  interrupted: () => boolean;
}
