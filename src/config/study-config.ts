import * as z from 'zod';
import { decayShapes } from '../../schedules/schedule.ts';
import { extendBaselines, goals } from '../domain/guideline.ts';
import { optimizerNames } from '../domain/setting.ts';
import { tasks } from '../domain/task.ts';
import { count, duration, line, most, rate } from './sections/bounds.ts';
import { compareConfig } from './sections/compare.ts';
import { componentsConfig } from './sections/components.ts';
import { dataConfig } from './sections/data.ts';
import { decisionConfig } from './sections/decision.ts';
import { deployConfig } from './sections/deploy.ts';
import { guidelineConfig } from './sections/guideline.ts';
import { launcherConfig } from './sections/launcher.ts';
import { memoryConfig } from './sections/memory.ts';
import { modelConfig } from './sections/model.ts';
import { notifyConfig } from './sections/notify.ts';
import { placementConfig } from './sections/placement.ts';
import { scaleConfig } from './sections/scale.ts';
import { trainerConfig } from './sections/trainer.ts';

/** `study.yaml`. Each default is written once: here, in the section files, or in resolve.ts if it depends on other fields. */
export const studyConfig = z.strictObject({
  /** Name of the study in the store: letters, digits, `-` and `_`. */
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/),
  /** What trains each run. */
  trainer: trainerConfig.default({ kind: 'embedded' }),
  /** k: the number of workers to tune the training for. */
  workers: count(most.workers),
  /** Samples per worker in one optimizer step. */
  batchPerWorker: count(most.batch).default(1),
  /** E: epochs of every run, baseline included, unless `start` or an action of the guideline changes them for k workers. */
  epochs: count(most.epochs),
  /** Master seed: every run's own seed is derived from it and the run's key. */
  seed: z.int().min(0).default(1),
  /** What the network predicts: a class for each pixel, or one class for each image. */
  task: z.enum(tasks).default('segmentation'),
  /** The network. Left out: fcn, or vgg for classification. */
  model: modelConfig.optional(),
  /** Where the training, validation and test slices come from. Only the embedded trainer needs it. */
  data: dataConfig.default({ kind: 'none' }),
  /** What training minimizes: cross-entropy, the Dice loss, or the sum of both. Left out: crossEntropy. */
  loss: z.enum(['crossEntropy', 'dice', 'combined']).optional(),
  /** The setting that the study starts from: the well-tuned setting of one worker. */
  setting: z.strictObject({
    /** η: the learning rate of one worker; the schedule multiplies it by k. */
    initialLr: rate,
    /** c: the final rate is the peak rate times exp(−c). */
    decayCoefficient: z.number().min(0).max(most.decayCoefficient).default(3),
    /** W: epochs of warmup. Left out: 5, or a third of `epochs`, rounded down, if `epochs` is below 5. */
    warmupEpochs: z.number().min(0).max(most.epochs).optional(),
    /** D: epochs of decay. Left out: 3/7 of the epochs after warmup (thesis §6.3.2). */
    decayEpochs: z.number().min(0).max(most.epochs).optional(),
    /** How the rate falls during decay. */
    decayShape: z.enum(decayShapes).default('exponential'),
    /** `custom`: the module named in `components.optimizer`. */
    optimizer: z.enum(optimizerNames).default('sgd'),
  }),
  /** The setting that k workers start from, if it differs from that of one worker: for example one confirmed for fewer workers. Fields left out are taken from `setting`. */
  start: z
    .strictObject({
      /** η: the learning rate of one worker; the schedule multiplies it by k. */
      initialLr: rate.optional(),
      /** c: the final rate is the peak rate times exp(−c). */
      decayCoefficient: z.number().min(0).max(most.decayCoefficient).optional(),
      /** W: epochs of warmup. */
      warmupEpochs: z.number().min(0).max(most.epochs).optional(),
      /** D: epochs of decay. */
      decayEpochs: z.number().min(0).max(most.epochs).optional(),
      /** `custom`: the module named in `components.optimizer`. */
      optimizer: z.enum(optimizerNames).optional(),
      /** E for k workers. Left out: the study's `epochs`. */
      epochs: count(most.epochs).optional(),
    })
    .optional(),
  /** The single-worker runs that all others are compared with. */
  baseline: z
    .strictObject({
      /** Number of single-worker runs, each with its own seed. Left out: 1 for the thesis rule, 5 for nonInferiority. */
      seeds: count(most.baselineSeeds).optional(),
      /** Known results of single-worker runs, one entry per run; they are used as they are, and no baseline is trained. */
      runs: z.array(z.record(z.string(), z.number())).min(1).max(most.baselineSeeds).optional(),
      /** What to do if the confirmed setting trains for more than `epochs`: `check` trains one worker for as many epochs, once for each baseline run, and reports whether the setting is without loss against that too. */
      extend: z.enum(extendBaselines).default('never'),
      /** Known statistics instead of known `runs`: the mean of each metric. Also give `n`, and `sd` for the rule nonInferiority. */
      mean: z.record(z.string(), z.number()).optional(),
      /** Sample standard deviation of each metric over the runs that `mean` summarizes. */
      sd: z.record(z.string(), z.number().min(0)).optional(),
      /** Number of runs that `mean` summarizes, each with its own seed. */
      n: count(most.runs).optional(),
    })
    .prefault({}),
  /** When a run counts as good enough, better or worse. Without `rule`: as in the thesis. */
  decision: decisionConfig.prefault({ rule: 'thesis' }),
  /** What to try, and in which order: the name of a shipped guideline, or one of your own (docs/guideline.md). */
  guideline: guidelineConfig.default('thesis'),
  /** `answer`: the study ends with the first setting it confirms. `speed`: it then looks for faster ones while the budget lasts. */
  goal: z.enum(goals).default('answer'),
  /** Limits on the study: it ends at the first one reached, without an answer if no setting has been confirmed by then. */
  budget: z
    .strictObject({
      /** Maximum number of guideline iterations, validations included; the baseline does not count. */
      iterations: count(most.runs).default(20),
      /** Maximum hours of wall-clock time. */
      hours: duration.optional(),
      /** Maximum worker-hours: workers × hours, summed over all runs. */
      workerHours: duration.optional(),
    })
    .prefault({}),
  /** What `autopilot compare` trains; no other command reads it. */
  compare: compareConfig.optional(),
  /** What `autopilot scale` trains; no other command reads it. */
  scale: scaleConfig.optional(),
  /** What is known about the cost before anything is trained; `autopilot plan` uses it if the project has measured nothing yet. */
  cost: z
    .strictObject({
      /** Seconds per epoch on one worker, evaluation included. */
      epochSeconds: duration.optional(),
    })
    .optional(),
  /** Who is notified of confirmed settings and of the study's end: through a webhook, by e-mail or by a command. */
  notify: notifyConfig.optional(),
  launcher: launcherConfig.prefault({ kind: 'local' }),
  deploy: deployConfig.prefault({}),
  /** Maximum number of runs trained at the same time; the guideline allows this for baseline and validating runs. Left out: the number of cores, but at most 4, with the launcher `local`; otherwise 1. */
  concurrentRuns: count(most.items).optional(),
  /** Use free slots (`concurrentRuns`) to train what the guideline will want next if the current runs do not help. The study decides the same, only sooner; a run that turns out not to be wanted is stopped, and the time spent on it is lost. */
  trainAhead: z.boolean().default(false),
  /** Number of attempts at a run before it counts as failed. */
  attempts: count(most.items).default(3),
  /** How long autopilot waits for a trainer. */
  timeouts: z
    .strictObject({
      /** Maximum minutes from the launch to the trainer's first event. */
      startMinutes: duration.default(10),
      /** Minutes without any event after which a training counts as hung. */
      silenceMinutes: duration.default(60),
      /** Seconds that a training has to write a checkpoint when it is asked to stop. */
      stopSeconds: z.number().positive().max(most.timerSeconds).default(30),
    })
    .prefault({}),
  /** How the gradients of several processes are averaged. Left out: allreduce. */
  strategy: z.enum(['allreduce', 'ring', 'parameterServer']).optional(),
  components: componentsConfig.prefault({}),
  /** How the embedded trainer computes. */
  compute: z
    .strictObject({
      /** The compute back end (docs/compute.md): `native`, `wasm`, …; `auto` uses the fastest that works. */
      backend: line.default('auto'),
      /** Threads per process. Left out: the number of cores divided by the number of processes that share them. A command receives the given number in OMP_NUM_THREADS or, if none is given, its share of the cores when several runs are trained at the same time. */
      threads: count(most.runs).optional(),
      /** Use direct convolution only: a relative error of a few 1e-7 instead of 5e-6, about 1.5 times slower. */
      exact: z.boolean().default(false),
      /** The factors that convolutions and matrix products multiply: float32 values, or float32 values rounded to bf16 (8 significant bits). Weights, sums and everything else are float32 in both cases. bf16 needs `backend: native` and a processor with AVX512-BF16. */
      precision: z.enum(['float32', 'bf16']).default('float32'),
    })
    .prefault({}),
  placement: placementConfig.prefault({}),
  memory: memoryConfig.prefault({}),
  /** The checkpoints that a training writes so that it can resume after a crash. */
  checkpoints: z
    .strictObject({
      /** Epochs between two checkpoints. */
      everyEpochs: count(most.epochs).default(5),
      /** Number of checkpoints kept per run; older ones are deleted. */
      keep: count(most.runs).default(2),
    })
    .prefault({}),
  /** When a training counts as diverged, apart from a loss that is not finite. */
  divergence: z
    .strictObject({
      /** Diverged if the loss of an epoch exceeds this many times that of the first epoch. */
      lossFactor: z.number().gt(1).max(1e12).default(10),
      /** Diverged if the primary metric stays at zero and the loss does not fall for this many epochs after warmup. */
      zeroEpochs: count(most.epochs).default(5),
    })
    .prefault({}),
});

export type StudyConfig = z.infer<typeof studyConfig>;

/** What a user writes: fields with a default may be left out. */
export type StudyConfigInput = z.input<typeof studyConfig>;
