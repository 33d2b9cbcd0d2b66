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
  epochs: z.int().min(1).optional().describe("The same as the run's `epochs`; left out by earlier versions."),
});

/**
 * `run.json`, autopilot to trainer: everything a training needs to know. Written once per attempt, before the processes
 * start. `model`, `data`, `loss`, `compute` and `components` are the embedded trainer's sections of the study config,
 * verbatim; a command trainer may ignore them.
 */
export const runSpec = z.object({
  protocol: z.literal(protocolVersion),
  store: z
    .object({ id: z.string(), project: z.string() })
    .optional()
    .describe(
      "The run's owner: id of the store that knows the run, and that store's project folder. Left out by earlier versions.",
    ),
  studyId: z.string(),
  runId: z.string().describe('`<study>.<key>.<8 random hex digits>`: no other run ever has it.'),
  key: z.string().describe("The run's key within its study: `baseline-1`, `iteration-3`, `validation-4-2`."),
  kind: z.enum(runKinds),
  attempt: z.int().min(1),
  seed: z.int().min(0),
  workers: z.int().min(1).describe('k: the number of workers that train together.'),
  batchPerWorker: z.int().min(1),
  epochs: z.int().min(1),
  setting: settingSchema,
  schedule: z.looseObject({ policy: z.string() }).describe('The schedule as parameters of its policy.'),
  lrPerEpoch: z
    .array(z.number().positive())
    .describe('The schedule as a table: the rate at the start of epoch 0, 1, …, epochs (length epochs + 1).'),
  metrics: z.array(z.string()).min(1).describe('Metrics the study decides on, in order of priority.'),
  /**
   * Parts of the data to evaluate at the end, as far as they exist; `test` if none does. The first is the one to report
   * after every epoch. Left out: `test`.
   */
  evaluate: z.array(z.string()).min(1).optional(),
  task: z.enum(tasks).optional().describe('Left out: segmentation.'),
  model: z.record(z.string(), z.unknown()),
  data: z.record(z.string(), z.unknown()),
  loss: z.string(),
  compute: z.record(z.string(), z.unknown()),
  strategy: z.string().describe('How the workers average gradients: `allreduce`, `ring` or `parameterServer`.'),
  components: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "Modules that replace the embedded trainer's own parts: the study config's section, with absolute paths.",
    ),
  checkpoints: z.object({ everyEpochs: z.int().min(1), keep: z.int().min(1) }),
  divergence: z.object({
    lossFactor: z.number().positive().describe("Stop when the loss exceeds this many times the first epoch's."),
    zeroEpochs: z
      .int()
      .min(1)
      .describe(
        'Stop when the primary metric stays at zero, and the loss does not fall, for this many epochs after warmup.',
      ),
    primary: z
      .string()
      .nullable()
      .optional()
      .describe(
        'The primary metric; null if lower is better, because then 0 is not a breakdown. Left out: the first of `metrics`.',
      ),
  }),
  resumeFrom: z.string().nullable().describe('Checkpoint to resume from (path), or null to start afresh.'),
  trainer: z
    .looseObject({ kind: z.string() })
    .describe('Free-form parameters of the `simulated` and `command` trainers.'),
});

export type RunSpec = z.infer<typeof runSpec>;
