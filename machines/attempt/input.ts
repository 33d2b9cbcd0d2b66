import type { DivergenceOptions, WatchedEpoch } from '../../src/domain/divergence.ts';
import type { Measured } from '../../src/domain/measured.ts';
import type { Metrics, PartResult } from '../../src/domain/metric/metrics.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { AskedRun } from './asked.ts';

/** What there is to know of an attempt before it reports anything. Plain JSON. */
export interface AttemptInput {
  /** E. */
  epochs: number;
  setting: Pick<Setting, 'warmupEpochs' | 'decayEpochs' | 'optimizer'>;
  /** What its trainer's measurements are compared with. */
  asked: AskedRun;
  /** The metric whose zero means that nothing was learned. */
  primary: string | null;
  divergence: Pick<DivergenceOptions, 'lossFactor' | 'zeroEpochs'>;
  /** The config's `timeouts`. */
  timeouts: { startMinutes: number; silenceMinutes: number; stopSeconds: number };
  /** Does its job go on where the engine is interrupted? */
  outlivesEngine: boolean;
  /** Epochs that earlier attempts at the run have trained, in order: what it goes on from is measured with them. */
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

/** What counts in an event of the trainer's; the protocol's own type has more. */
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
  /** `stoppedAfter`: the last epoch, where the trainer itself chose to train no more. */
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
  /** `undeclared`: why a metric of the study cannot be understood from this trainer. */
  | { type: 'reported'; atMs: number; report: TrainerReport; undeclared?: string | null }
  /** A line that nobody launched by this attempt has signed. */
  | { type: 'stranger'; atMs: number; kind: 'unsigned' | 'foreign' }
  /** An evaluation whose fields are wrong. */
  | { type: 'unreadable'; problem: string }
  /** Time has passed: deadlines are looked at. */
  | { type: 'ticked'; atMs: number; waiting: boolean; heldUpBy: string | null }
  /** `resumes`: is the study to go on later, in another engine? */
  | { type: 'interrupted'; reason: string; resumes: boolean }
  /** The engine itself cannot go on: a store that cannot be written, say. */
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
  /** How long it has to end by itself, milliseconds. */
  graceMs: number;
  /** Is it asked by the stop file first, so that it can write a checkpoint? */
  gently: boolean;
}
