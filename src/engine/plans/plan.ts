import type { RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import type { ScheduleSpec } from '../../../schedules/spec.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { Decision, GuidelineEvent, RunRequest, StudyOutcome } from '../../domain/study.ts';
import type { Launcher } from '../../launcher/launcher.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import type { WantedParts } from '../attempt/deciding-parts.ts';
import type { ConfigChange } from '../study/config-changes.ts';
import type { StopSwitch } from '../study/stop-switch.ts';
import type { StudyControl } from '../study/study-control.ts';
import type { StudyMetrics } from './metric-meaning.ts';

/** An open study: all that a plan needs to know about it. */
export interface OpenStudy {
  store: Store;
  study: StudyRecord;
  config: ResolvedStudyConfig;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** A study that an engine is working on. */
export interface Session extends OpenStudy {
  /** Absolute path of the folder with `runs/`. */
  project: string;
  launcher: Launcher;
  /** Whether to take no results from other studies, even of identical trainings. */
  fresh: boolean;
  /** Maximum number of concurrent runs, across studies. */
  concurrentRuns: number;
  say: OnProgress;
  /** Pause before attempt n (n ≥ 2), milliseconds. */
  retryDelayMs: (attempt: number) => number;
  stops: StopSwitch;
  control: StudyControl;
  /**
   * Opens a study within this one: it shares the limit on concurrent runs, stops and closes with this one, and can also
   * be stopped alone. `reopen`: continue one that failed or was cancelled.
   */
  open(kind: PlanKind, config: ResolvedStudyConfig, say: OnProgress, options?: { reopen?: boolean }): Driven;
}

/** A study and its plan. */
export interface Driven {
  session: Session;
  plan: Plan;
  /** What its metrics mean. */
  meaning: StudyMetrics;
}

export interface PlannedRun {
  request: RunRequest;
  /** One sentence: why the plan wants it. */
  why: string;
  /** By default derived from the study's seed and the run's key. */
  seed?: number;
  /** By default GreScale with the request's setting. */
  schedule?: ScheduleSpec;
  /** Which evaluations count; by default those that the study chooses and confirms on. */
  parts?: WantedParts;
  /** Called before the first training: if the result is already known, stores it, reports its source, returns true. */
  reuse?: (run: RunRecord) => boolean;
  /** The inner study that the run belongs to; by default the plan's own study. */
  within?: Driven;
}

/** Defines what a study does: which runs it needs, what their results mean, and when it is done. */
export interface Plan {
  /** Runs without results, most urgent first; taken one by one as places free up. Empty once there is an outcome. */
  pending(): Iterable<PlannedRun>;
  /** Appends an event and stores what follows from it, in one transaction with `alongside`. Returns the new decisions. */
  record(event: GuidelineEvent, alongside?: () => void): readonly Decision[];
  /** Null until it is done. It is done right after `budget.spent`, `study.cancelled` and `run.failed`. */
  outcome(): { outcome: StudyOutcome; reason: string } | null;
  /** Records, once, what is known before anything is trained. */
  begin?(): readonly Decision[];
  /** Called when a trainer starts and reports its capabilities. */
  trainerStarted?(event: Extract<TrainerEvent, { type: 'started' }>, say: OnProgress): void;
}

/** The fields that make two trainings of one task identical. */
export type WantedTraining = Pick<RunRecord, 'kind' | 'workers' | 'seed' | 'setting'>;

/** How a session of a study ended. */
export type StudyEnd =
  | { state: 'ended'; outcome: StudyOutcome; reason: string }
  /** Interrupted: `resume` continues it. */
  | { state: 'stopped'; reason: string };

/** A kind of study: how it is stored, and the plan it follows. */
export interface PlanKind {
  kind: StudyRecord['kind'];
  /** For error messages and codes. */
  words: { noun: string; code: string; differs: string };
  /** What the store keeps. A later session whose plan has a different `guidelineHash` is refused. */
  describe(config: ResolvedStudyConfig): Pick<StudyRecord, 'name' | 'workers' | 'guidelineHash'>;
  /** Throws if stored decisions are not those that the study's events lead to today; absent if nothing is decided. */
  requireSame?(open: Omit<OpenStudy, 'now'>): void;
  /** Whether this change between two sessions is allowed. */
  allows(change: ConfigChange): boolean;
  /** What these studies may spend together. */
  budget(config: ResolvedStudyConfig): { limits: Limits; studies: readonly string[] };
  /** The trainings that a study always begins with, and their config; absent if not known in advance. */
  first?(config: ResolvedStudyConfig): { config: ResolvedStudyConfig; wanted: WantedTraining[] };
  open(session: Session): Plan;
}

export interface Limits {
  /** Hours in which at least one run trained, over all sessions. */
  hours?: number | undefined;
  /** Workers × hours, summed over all runs. */
  workerHours?: number | undefined;
  /** Hours of training, summed over all runs. */
  trainingHours?: number | undefined;
  /** Number of trained runs. */
  runs?: number | undefined;
}

/** A section of a plan, which wants runs until it has ended. */
export interface Part {
  pending(): Iterable<PlannedRun>;
  ended(): boolean;
}

/** Each part begins when the one before has ended. */
export function inOrder(...parts: readonly Part[]): Part {
  return {
    *pending() {
      for (const part of parts) {
        if (part.ended()) continue;
        yield* part.pending();
        // A part may end without a run.
        if (!part.ended()) return;
      }
    },
    ended: () => parts.every((part) => part.ended()),
  };
}

/** All parts want runs at the same time; earlier parts have priority. */
export function sideBySide(...parts: readonly Part[]): Part {
  return {
    *pending() {
      for (const part of parts) yield* part.pending();
    },
    ended: () => parts.every((part) => part.ended()),
  };
}
