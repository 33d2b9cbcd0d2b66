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

/** `study.yaml`. Every default is written here or in the section files, once; behind `loadStudyConfig` every field is present. */
export const studyConfig = z.strictObject({
  /** Names the study in the store: letters, digits, `-` and `_`. */
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/),
  /** What trains each run. */
  trainer: trainerConfig.default({ kind: 'embedded' }),
  /** k: the number of workers that the study asks about. */
  workers: count(most.workers),
  /** Samples of one worker in one optimizer step. */
  batchPerWorker: count(most.batch).default(1),
  /** E: epochs of every run, baseline included. */
  epochs: count(most.epochs),
  /** Seed of seeds: every run's own seed follows from it and the run's key. */
  seed: z.int().min(0).default(1),
  /** What is learned: a class for each pixel, or one class for each image. */
  task: z.enum(tasks).default('segmentation'),
  /** The network. Left out: fcn, or vgg for classification. */
  model: modelConfig.optional(),
  /** Where the training, validation and test slices come from. Only the embedded trainer needs it. */
  data: dataConfig.default({ kind: 'none' }),
  /** What training minimizes: cross-entropy, the Dice loss, or the sum of both. Left out: crossEntropy. */
  loss: z.enum(['crossEntropy', 'dice', 'combined']).optional(),
  /** The setting that the study starts from: the well-tuned setting of one worker. */
  setting: z.strictObject({
    /** η, the rate of one worker; the schedule multiplies it by k. */
    initialLr: rate,
    /** c: the last rate is the peak rate times exp(−c). */
    decayCoefficient: z.number().min(0).max(most.decayCoefficient).default(3),
    /** W: epochs of warmup. Left out: 5, or a third of the epochs if there are fewer than 5. */
    warmupEpochs: z.number().min(0).max(most.epochs).optional(),
    /** D: epochs of decay. Left out: 3/7 of the epochs after warmup (thesis §6.3.2). */
    decayEpochs: z.number().min(0).max(most.epochs).optional(),
    /** How the rate falls during decay. */
    decayShape: z.enum(decayShapes).default('exponential'),
    /** `custom`: the module that `components.optimizer` names. */
    optimizer: z.enum(optimizerNames).default('sgd'),
  }),
  /** The setting that k workers start from, if it is not that of one worker: for example one that was confirmed for fewer workers. Each field that is left out is taken from `setting`. */
  start: z
    .strictObject({
      /** η, the rate of one worker; the schedule multiplies it by k. */
      initialLr: rate.optional(),
      /** c: the last rate is the peak rate times exp(−c). */
      decayCoefficient: z.number().min(0).max(most.decayCoefficient).optional(),
      /** W: epochs of warmup. */
      warmupEpochs: z.number().min(0).max(most.epochs).optional(),
      /** D: epochs of decay. */
      decayEpochs: z.number().min(0).max(most.epochs).optional(),
      /** `custom`: the module that `components.optimizer` names. */
      optimizer: z.enum(optimizerNames).optional(),
      /** E of k workers. Left out: the study's `epochs`. */
      epochs: count(most.epochs).optional(),
    })
    .optional(),
  /** The single-worker runs that everything is compared with. */
  baseline: z
    .strictObject({
      /** Single-worker runs, each with its own seed. Left out: 1 for the thesis rule, 5 for nonInferiority. */
      seeds: count(most.baselineSeeds).optional(),
      /** Known results of single-worker runs, one entry for each run; they are taken as they are, and no baseline is trained. */
      runs: z.array(z.record(z.string(), z.number())).min(1).max(most.baselineSeeds).optional(),
      /** If the confirmed setting trains for more than `epochs`: `check` trains one worker for as long, once for each baseline run, and says whether there is no loss against that either. */
      extend: z.enum(extendBaselines).default('never'),
      /** Known statistics instead of known runs: the mean of each metric, … */
      mean: z.record(z.string(), z.number()).optional(),
      /** … its sample standard deviation (the rule nonInferiority needs it), … */
      sd: z.record(z.string(), z.number().min(0)).optional(),
      /** … and the number of runs, each with its own seed. */
      n: count(most.runs).optional(),
    })
    .prefault({}),
  /** When a run counts as good enough, better or worse. Without `rule`, as in the thesis. */
  decision: decisionConfig.prefault({ rule: 'thesis' }),
  /** What is tried, and in which order: the name of a shipped guideline, or one of your own (docs/guideline.md). */
  guideline: guidelineConfig.default('thesis'),
  /** `answer`: the study ends with the first setting it confirms. `speed`: it then looks for faster ones while the budget lasts. */
  goal: z.enum(goals).default('answer'),
  /** When the study ends without an answer: at the first of these limits. */
  budget: z
    .strictObject({
      /** Iterations of the guideline, validations included; the baseline does not count. */
      iterations: count(most.runs).default(20),
      /** Hours of wall-clock time. */
      hours: duration.optional(),
      /** Workers × hours, summed over all runs. */
      workerHours: duration.optional(),
    })
    .prefault({}),
  /** What `autopilot compare` trains; no other command reads it. */
  compare: compareConfig.optional(),
  /** What `autopilot scale` trains; no other command reads it. */
  scale: scaleConfig.optional(),
  /** What is known of the cost before anything is trained; `autopilot plan` reads it if the project has measured nothing yet. */
  cost: z
    .strictObject({
      /** Seconds that an epoch takes on one worker, evaluation included. */
      epochSeconds: duration.optional(),
    })
    .optional(),
  /** Who is told how the study ends: by a webhook, by e-mail, by a command. */
  notify: notifyConfig.optional(),
  launcher: launcherConfig.prefault({ kind: 'local' }),
  deploy: deployConfig.prefault({}),
  /** Most runs trained at the same time; the guideline allows it for baseline and validating runs. Left out: as many as cores, at most 4, with the launcher `local`; otherwise 1. */
  concurrentRuns: count(most.items).optional(),
  /** Uses free places (`concurrentRuns`) to train what the guideline will want next if the runs under way do not help. It decides the same, only sooner; a run that turns out not to be wanted is stopped, and the time spent on it is lost. */
  trainAhead: z.boolean().default(false),
  /** Attempts at a run before it counts as failed. */
  attempts: count(most.items).default(3),
  /** How long autopilot waits for a trainer. */
  timeouts: z
    .strictObject({
      /** Most minutes from the launch to the trainer's first event. */
      startMinutes: duration.default(10),
      /** Minutes without any event after which a training counts as hung. */
      silenceMinutes: duration.default(60),
      /** Seconds that a training is given to write a checkpoint when it is asked to stop. */
      stopSeconds: z.number().positive().max(most.timerSeconds).default(30),
    })
    .prefault({}),
  /** How the gradients of several processes are averaged. Left out: allreduce. */
  strategy: z.enum(['allreduce', 'ring', 'parameterServer']).optional(),
  components: componentsConfig.prefault({}),
  /** What the embedded trainer computes with. */
  compute: z
    .strictObject({
      /** The compute back end (docs/compute.md): `native`, `wasm`, …; `auto` takes the fastest that works. */
      backend: line.default('auto'),
      /** Threads of each process. Left out: the cores divided by the processes that share them. A command gets the number given here, or its share of the cores if several runs are trained at the same time, as OMP_NUM_THREADS. */
      threads: count(most.runs).optional(),
      /** Direct convolution only: a relative error of 1e-7 instead of 5e-6, about 1.5 times slower. */
      exact: z.boolean().default(false),
      /** What convolutions and matrix products multiply: floats, or floats rounded to bf16 (8 significant bits). Weights, sums and all else are floats in both. bf16 needs `backend: native` and a processor with AVX512-BF16. */
      precision: z.enum(['float32', 'bf16']).default('float32'),
    })
    .prefault({}),
  placement: placementConfig.prefault({}),
  memory: memoryConfig.prefault({}),
  /** What a training writes so that it can go on after a crash. */
  checkpoints: z
    .strictObject({
      /** Epochs between two checkpoints. */
      everyEpochs: count(most.epochs).default(5),
      /** Checkpoints kept of each run; older ones are deleted. */
      keep: count(most.runs).default(2),
    })
    .prefault({}),
  /** When a training counts as diverged, besides a loss that is not finite. */
  divergence: z
    .strictObject({
      /** The loss of an epoch is more than this many times that of the first epoch. */
      lossFactor: z.number().gt(1).max(1e12).default(10),
      /** For this many epochs after warmup, the first metric stays at zero and the loss does not fall. */
      zeroEpochs: count(most.epochs).default(5),
    })
    .prefault({}),
});

export type StudyConfig = z.infer<typeof studyConfig>;

/** What a user writes: fields with a default may be left out. */
export type StudyConfigInput = z.input<typeof studyConfig>;
