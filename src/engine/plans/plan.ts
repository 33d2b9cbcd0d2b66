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

/** A study that is open: all that a plan has to know of it. */
export interface OpenStudy {
  store: Store;
  study: StudyRecord;
  config: ResolvedStudyConfig;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** A study that an engine works on. */
export interface Session extends OpenStudy {
  /** Absolute folder with `runs/`. */
  project: string;
  launcher: Launcher;
  /** Takes no result of another study, though it be the very same training. */
  fresh: boolean;
  /** Most runs at the same time, whatever studies they belong to. */
  concurrentRuns: number;
  say: OnProgress;
  /** Pause before attempt n (n ≥ 2), milliseconds. */
  retryDelayMs: (attempt: number) => number;
  stops: StopSwitch;
  control: StudyControl;
  /** Opens a study within this one: its runs share the places, it stops and closes with this one, and can be stopped alone. `reopen`: goes on with one that has failed. */
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
  /** Left out: the study's seed and the run's key give it. */
  seed?: number;
  /** Left out: GreScale with the request's setting. */
  schedule?: ScheduleSpec;
  /** Which evaluations count. Left out: those that the study chooses and confirms on. */
  parts?: WantedParts;
  /** Called before it is trained the first time: stores the result where it is known already, says whose it is, and returns true. */
  reuse?: (run: RunRecord) => boolean;
  /** The study within this one whose run it is. Left out: the plan's own. */
  within?: Driven;
}

/** What a study is to find out: which runs it takes, what their results mean, and when it is done. */
export interface Plan {
  /** Runs whose results are not in, the most urgent first; taken one by one, as places become free. Empty with an outcome. */
  pending(): Iterable<PlannedRun>;
  /** Appends an event and stores what follows from it, in one transaction with `alongside`. Returns the new decisions. */
  record(event: GuidelineEvent, alongside?: () => void): readonly Decision[];
  /** Null until it is done. It has one right after `budget.spent`, `study.cancelled` and `run.failed`. */
  outcome(): { outcome: StudyOutcome; reason: string } | null;
  /** Records, once, what is known before anything is trained. */
  begin?(): readonly Decision[];
  /** A trainer that starts says what it can do. */
  trainerStarted?(event: Extract<TrainerEvent, { type: 'started' }>, say: OnProgress): void;
}

/** What makes two trainings of one task the same. */
export type WantedTraining = Pick<RunRecord, 'kind' | 'workers' | 'seed' | 'setting'>;

/** How a session of a study ended. */
export type StudyEnd =
  | { state: 'ended'; outcome: StudyOutcome; reason: string }
  /** Interrupted: `resume` goes on. */
  | { state: 'stopped'; reason: string };

/** A kind of study: how it is stored, and the plan it follows. */
export interface PlanKind {
  kind: StudyRecord['kind'];
  /** For messages and codes of errors. */
  words: { noun: string; code: string; differs: string };
  /** What the store keeps. `hash` is that of the plan: a later session whose plan has another one is refused. */
  describe(config: ResolvedStudyConfig): Pick<StudyRecord, 'name' | 'workers' | 'guidelineHash'>;
  /** Throws where another version decided otherwise than the study's events lead to today; left out: nothing is decided. */
  requireSame?(open: Omit<OpenStudy, 'now'>): void;
  /** May this field change between two sessions? */
  allows(change: ConfigChange): boolean;
  /** What may be spent, by these studies together. */
  budget(config: ResolvedStudyConfig): { limits: Limits; studies: readonly string[] };
  /** The trainings it begins with whatever they give, and the config they are of; left out: nobody asks. */
  first?(config: ResolvedStudyConfig): { config: ResolvedStudyConfig; wanted: WantedTraining[] };
  open(session: Session): Plan;
}

export interface Limits {
  /** Hours of wall-clock time, over all sessions. */
  hours?: number | undefined;
  /** Sum over runs of workers × hours. */
  workerHours?: number | undefined;
  /** Hours of training, all runs added up. */
  trainingHours?: number | undefined;
  /** Trained runs. */
  runs?: number | undefined;
}

/** What wants runs until it has ended; parts make up a plan. */
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

/** All parts want at the same time; the first come first. */
export function sideBySide(...parts: readonly Part[]): Part {
  return {
    *pending() {
      for (const part of parts) yield* part.pending();
    },
    ended: () => parts.every((part) => part.ended()),
  };
}
