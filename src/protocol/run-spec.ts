import * as z from 'zod';
import { optimizerNames } from '../domain/setting.ts';
import { runKinds } from '../domain/study.ts';
import { tasks } from '../domain/task.ts';

export const protocolVersion = 1;

export const settingSchema = z.object({
  initialLr: z.number().positive(),
  decayCoefficient: z.number().min(0),
  warmupEpochs: z.number().min(0),
  decayEpochs: z.number().min(0),
  optimizer: z.enum(optimizerNames),
  /** The same as the run's `epochs`; left out by earlier versions. */
  epochs: z.int().min(1).optional(),
});

/**
 * `run.json`, autopilot to trainer: everything a training needs to know. Written once per attempt,
 * before the processes start. `model`, `data`, `loss`, `compute` and `components` are the embedded trainer's sections of the
 * study config, verbatim; a command trainer may ignore them.
 */
export const runSpec = z.object({
  protocol: z.literal(protocolVersion),
  /** Whose run it is: the id of the store that knows it, and that store's project folder. Left out by earlier versions. */
  store: z.object({ id: z.string(), project: z.string() }).optional(),
  studyId: z.string(),
  /** `<study>.<key>.<8 random hex digits>`: no other run ever has it. */
  runId: z.string(),
  /** The run's key within its study: `baseline-1`, `iteration-3`, `validation-4-2`. */
  key: z.string(),
  kind: z.enum(runKinds),
  attempt: z.int().min(1),
  seed: z.int().min(0),
  /** k: processes that train together. */
  workers: z.int().min(1),
  batchPerWorker: z.int().min(1),
  epochs: z.int().min(1),
  setting: settingSchema,
  /** The schedule as parameters (see schedules/spec.ts) … */
  schedule: z.looseObject({ policy: z.string() }),
  /** … and as a table: the rate at the start of epoch 0, 1, …, epochs (length epochs + 1). */
  lrPerEpoch: z.array(z.number().positive()),
  /** Metrics the study decides on, in order of priority. */
  metrics: z.array(z.string()).min(1),
  /**
   * Parts of the data to evaluate at the end, those of them that there are; `test` where there is none. The first is
   * the one to report after every epoch. Left out: `test`.
   */
  evaluate: z.array(z.string()).min(1).optional(),
  /** Left out: segmentation. */
  task: z.enum(tasks).optional(),
  model: z.record(z.string(), z.unknown()),
  data: z.record(z.string(), z.unknown()),
  loss: z.string(),
  compute: z.record(z.string(), z.unknown()),
  /** How the workers average gradients: `allreduce`, `ring` or `parameterServer`. */
  strategy: z.string(),
  /** Modules that take the place of the embedded trainer's own parts: the study config's section, with absolute paths. */
  components: z.record(z.string(), z.unknown()).optional(),
  checkpoints: z.object({ everyEpochs: z.int().min(1), keep: z.int().min(1) }),
  divergence: z.object({
    /** Stop when the loss exceeds this many times the first epoch's. */
    lossFactor: z.number().positive(),
    /** Stop when the primary metric stays at zero, and the loss does not fall, for this many epochs after warmup. */
    zeroEpochs: z.int().min(1),
    /** That metric; null where less of it is better, for then 0 is no breakdown. Left out: the first of `metrics`. */
    primary: z.string().nullable().optional(),
  }),
  /** Checkpoint to resume from (path), or null to start afresh. */
  resumeFrom: z.string().nullable(),
  /** Free-form parameters of the `simulated` and `command` trainers. */
  trainer: z.looseObject({ kind: z.string() }),
});

export type RunSpec = z.infer<typeof runSpec>;
