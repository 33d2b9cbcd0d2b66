import type { KnownTrainings } from './known-trainings.ts';
import type { Doubt } from './measured.ts';
import type { MetricDefinitions } from './metric/definition.ts';
import type { Metrics } from './metric/metrics.ts';
import type { Decision, RunRequest, StudyOutcome } from './study.ts';

/** One worker at one moment. `cpuPercent` is relative to one core; network bytes are since the previous sample. */
export interface WorkerSample {
  rank: number;
  timeMs: number;
  cpuPercent: number | null;
  memoryBytes: number | null;
  stepsPerSecond: number | null;
  networkReceiveBytes: number | null;
  networkTransmitBytes: number | null;
  gpuPercent: number | null;
  gpuMemoryBytes: number | null;
}

/** An event in a running study, for a person or a program that watches it; one JSON line each with `--json`. */
export type ProgressEvent =
  | {
      type: 'study.started';
      study: string;
      workers: number;
      /** Epochs of every run. */
      epochs: number;
      /** Names of the decision metrics, the primary first. */
      metrics: string[];
      launcher: string;
      /** Results come from the simulated trainer. */
      simulated: boolean;
      /** True when stored results were found and the study continues from them. */
      resumed: boolean;
    }
  /** What the decision metrics mean, sent before the first number is used and again when the trainer declares one. */
  | { type: 'metrics.known'; metrics: MetricDefinitions }
  | {
      type: 'run.started';
      runId: string;
      request: RunRequest;
      attempt: number;
      seed: number;
      epochs: number;
      /** One sentence: why the guideline wants this run. */
      why: string;
      /** True when an earlier engine's process was found alive and is being followed again. */
      reattached: boolean;
    }
  | {
      type: 'epoch';
      key: string;
      /** 1-based: the epoch that ended. */
      epoch: number;
      epochs: number;
      phase: string | null;
      lr: number | null;
      loss: number | null;
      metrics: Metrics | null;
      /** When it ended according to the trainer or, if the trainer gives no time, when it was read. */
      timeMs?: number;
    }
  /** What one worker's process and host were doing; a figure that the trainer cannot measure is null. */
  | ({ type: 'sample'; key: string } & WorkerSample)
  | {
      type: 'run.ended';
      key: string;
      state: 'finished' | 'diverged' | 'failed' | 'stopped';
      metrics: Metrics | null;
      reason: string | null;
      /** Wall-clock time of all its attempts. */
      seconds: number;
      timeMs?: number;
    }
  | { type: 'run.retried'; key: string; attempt: number; reason: string; delayMs: number }
  /** Before anything is trained: which of its first trainings other studies of the project have already done. */
  | ({ type: 'trainings.known' } & KnownTrainings)
  /** A result that another run of the project already has; nothing is trained. */
  | { type: 'run.reused'; key: string; from: string }
  /** Something the user should know, with the fix. `key` is null when it is about the study. */
  | { type: 'warning'; key: string | null; message: string }
  | { type: 'decision'; decision: Decision }
  /** Nothing is running: waiting for a queue, a retry, or a result from elsewhere. */
  | { type: 'waiting'; reason: string }
  /**
   * Seconds left of the current runs at their own pace, null before the first epoch; `atMostSeconds`: of the budget.
   */
  | { type: 'estimate'; currentSeconds: number | null; atMostSeconds: number | null }
  | {
      type: 'study.ended';
      study: string;
      outcome: StudyOutcome;
      reason: string;
      simulated: boolean;
      /** Why its runs may differ from what was requested; with any of these the study is unverified. */
      unverified?: readonly Doubt[];
    }
  /** Interrupted, not ended: `resume` is the command that continues it. */
  | { type: 'study.stopped'; study: string; reason: string; resume: string };

export type OnProgress = (event: ProgressEvent) => void;
