import type { DivergenceOptions, WatchedEpoch } from '../../src/domain/divergence.ts';
import type { Measured } from '../../src/domain/measured.ts';
import type { Metrics, PartResult } from '../../src/domain/metric/metrics.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { AskedRun } from './asked.ts';

/** What is known about an attempt before it reports anything. Plain JSON. */
export interface AttemptInput {
  /** E. */
  epochs: number;
  setting: Pick<Setting, 'warmupEpochs' | 'decayEpochs' | 'optimizer'>;
  /** What its trainer's measurements are compared with. */
  asked: AskedRun;
  /** The metric for which zero means that nothing was learned. */
  primary: string | null;
  divergence: Pick<DivergenceOptions, 'lossFactor' | 'zeroEpochs'>;
  /** The config's `timeouts`. */
  timeouts: { startMinutes: number; silenceMinutes: number; stopSeconds: number };
  /** Whether its job keeps running when the engine is interrupted. */
  outlivesEngine: boolean;
  /** Epochs that earlier attempts at the run trained, in order; this attempt's divergence is judged with them. */
  earlier: readonly WatchedEpoch[];
  /** Milliseconds since 1970. */
  startedAtMs: number;
}

export type StartedReport = {
  type: 'started';
  workers?: number | undefined;
  measured?: Measured | undefined;
  capabilities?: { optimizers?: string[] | undefined } | undefined;
};

/** The fields of a trainer's event that matter here; the protocol's own type has more. */
export type TrainerReport =
  | StartedReport
  | {
      type: 'epoch';
      epoch: number;
      lr?: number | undefined;
      loss?: number | undefined;
      metrics?: Metrics | undefined;
      measured?: Measured | undefined;
    }
  | ({ type: 'evaluation' } & PartResult)
  | { type: 'diverged'; reason: string }
  | { type: 'failed'; reason: string; code?: string | undefined }
  /** `stoppedAfter`: the last epoch, if the trainer itself stopped early. */
  | {
      type: 'finished';
      steps?: number | undefined;
      stoppedAfter?: number | undefined;
      measured?: Measured | undefined;
    }
  | { type: 'heartbeat'; rank?: number; progress?: number | undefined }
  | { type: 'checkpoint' | 'sample' | 'prediction' | 'warning' };

/** What happens to an attempt; `atMs` is when the engine saw it, milliseconds since 1970. */
export type AttemptEvent =
  /** `undeclared`: why a metric of the study, as this trainer reports it, cannot be understood. */
  | { type: 'reported'; atMs: number; report: TrainerReport; undeclared?: string | null }
  /** A line not signed by a process of this attempt. */
  | { type: 'stranger'; atMs: number; kind: 'unsigned' | 'foreign' }
  /** An evaluation whose fields are wrong. */
  | { type: 'unreadable'; problem: string }
  /** Time has passed: deadlines are checked. */
  | { type: 'ticked'; atMs: number; waiting: boolean; heldUpBy: string | null }
  /** `resumes`: whether the study is to continue later, in another engine. */
  | { type: 'interrupted'; reason: string; resumes: boolean }
  /** The engine itself cannot continue, e.g. because the store cannot be written. */
  | { type: 'failed'; reason: string }
  /** Its job could not be stopped. */
  | { type: 'unstoppable' }
  /** No process of it is left. */
  | { type: 'exited' };

/** Why the engine ended an attempt itself; null when the processes ended on their own. */
export type StopCause =
  | { type: 'cancelled'; reason: string }
  | { type: 'failed'; reason: string }
  | { type: 'diverged'; reason: string }
  | { type: 'wrongOptimizer'; reason: string }
  | { type: 'wrongMetrics'; reason: string }
  | { type: 'notAsAsked'; reason: string }
  | { type: 'contradicted'; reason: string }
  | { type: 'unsigned' }
  | { type: 'neverReported'; minutes: number }
  | { type: 'silent'; minutes: number };

export interface StopRequest {
  /** Time it is given to end by itself, in milliseconds. */
  graceMs: number;
  /** Whether the stop file asks it first, so that it can write a checkpoint. */
  gently: boolean;
}
