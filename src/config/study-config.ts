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
  trainer: trainerConfig.default({ kind: 'embedded' }),
  /** k: the number of workers the study asks about. */
  workers: count(most.workers),
  batchPerWorker: count(most.batch).default(1),
  /** E: epochs of every run, baseline included. */
  epochs: count(most.epochs),
  /** Seed of seeds: every run's own seed follows from it and the run's key. */
  seed: z.int().min(0).default(1),
  /** What is learned: a class per pixel, or a class per image. */
  task: z.enum(tasks).default('segmentation'),
  /** Left out: fcn, or vgg for classification. */
  model: modelConfig.optional(),
  /** May be left out unless the trainer is the embedded one. */
  data: dataConfig.default({ kind: 'none' }),
  /** Left out: crossEntropy. */
  loss: z.enum(['crossEntropy', 'dice', 'combined']).optional(),
  /** The setting the study starts from: the single worker's own well-tuned one. */
  setting: z.strictObject({
    initialLr: rate,
    decayCoefficient: z.number().min(0).max(most.decayCoefficient).default(3),
    /** Left out: 5, or a third of the epochs where there are fewer than 5. */
    warmupEpochs: z.number().min(0).max(most.epochs).optional(),
    /** Left out: 3/7 of the epochs after warmup (thesis §6.3.2). */
    decayEpochs: z.number().min(0).max(most.epochs).optional(),
    decayShape: z.enum(decayShapes).default('exponential'),
    optimizer: z.enum(optimizerNames).default('sgd'),
  }),
  /** What k workers begin with where it is another setting than one worker's, such as one that was confirmed for fewer workers. Left out, and each field of it: `setting`. */
  start: z
    .strictObject({
      /** η, the rate of one worker: the schedule multiplies it by k. */
      initialLr: rate.optional(),
      decayCoefficient: z.number().min(0).max(most.decayCoefficient).optional(),
      warmupEpochs: z.number().min(0).max(most.epochs).optional(),
      decayEpochs: z.number().min(0).max(most.epochs).optional(),
      optimizer: z.enum(optimizerNames).optional(),
      /** E of k workers. Left out: the study's `epochs`. */
      epochs: count(most.epochs).optional(),
    })
    .optional(),
  baseline: z
    .strictObject({
      /** Single-worker runs, each with its own seed. Left out: 1 for the thesis rule, 5 for nonInferiority. */
      seeds: count(most.baselineSeeds).optional(),
      /** Known results of single-worker runs, one entry a run: they are taken as they are and nothing is trained. */
      runs: z.array(z.record(z.string(), z.number())).min(1).max(most.baselineSeeds).optional(),
      /** Where the setting that is confirmed trains more epochs than `epochs`: `check` trains one worker that long too, once for each run of the baseline, and says whether there is no loss against that either. */
      extend: z.enum(extendBaselines).default('never'),
      /** Or known by their statistics alone: means by metric, … */
      mean: z.record(z.string(), z.number()).optional(),
      /** … sample standard deviations by metric (fractions; the rule nonInferiority needs them), … */
      sd: z.record(z.string(), z.number().min(0)).optional(),
      /** … and the number of runs, each with its own seed. */
      n: count(most.runs).optional(),
    })
    .prefault({}),
  decision: decisionConfig.prefault({ rule: 'thesis' }),
  guideline: guidelineConfig.default('thesis'),
  /** `answer`: the study ends with the first setting it confirms. `speed`: it goes on to faster ones while the budget lasts. */
  goal: z.enum(goals).default('answer'),
  budget: z
    .strictObject({
      /** Iterations of the guideline, validations included; the baseline does not count. */
      iterations: count(most.runs).default(20),
      /** Hours of wall-clock time. */
      hours: duration.optional(),
      /** Sum over runs of workers × hours. */
      workerHours: duration.optional(),
    })
    .prefault({}),
  /** What `autopilot compare` trains; no other command reads it. */
  compare: compareConfig.optional(),
  /** What `autopilot scale` trains; no other command reads it. */
  scale: scaleConfig.optional(),
  /** What is known of the price before anything is trained; `autopilot plan` reads it where the project has measured nothing. */
  cost: z
    .strictObject({
      /** Seconds of one epoch on one worker, evaluation included. */
      epochSeconds: duration.optional(),
    })
    .optional(),
  /** Who is told of the study's end: by a webhook, by e-mail, by a command. */
  notify: notifyConfig.optional(),
  launcher: launcherConfig.prefault({ kind: 'local' }),
  deploy: deployConfig.prefault({}),
  /** Runs trained at the same time where the guideline allows it (baseline seeds). Left out: the cores, at most 4, for `local`; 1 elsewhere. */
  concurrentRuns: count(most.items).optional(),
  /** Trains in places that are free (`concurrentRuns`) what the guideline is to want next if the runs under way do not help. It decides as it would without, sooner; a run that is not wanted in the end is stopped, and its time is spent. */
  trainAhead: z.boolean().default(false),
  /** Attempts per run before it counts as failed. */
  attempts: count(most.items).default(3),
  timeouts: z
    .strictObject({
      /** Minutes from a launch to the trainer's first event. */
      startMinutes: duration.default(10),
      /** Minutes without any event after which a training counts as hung. */
      silenceMinutes: duration.default(60),
      /** Seconds a training has to write a checkpoint when it is asked to stop. */
      stopSeconds: z.number().positive().max(most.timerSeconds).default(30),
    })
    .prefault({}),
  /** How gradients of several processes are averaged. Left out: allreduce. */
  strategy: z.enum(['allreduce', 'ring', 'parameterServer']).optional(),
  components: componentsConfig.prefault({}),
  compute: z
    .strictObject({
      backend: line.default('auto'),
      /** Threads per process; left out: cores divided by the processes that share them. A command gets it as OMP_NUM_THREADS: a number that is given, or its share where runs are trained at the same time. */
      threads: count(most.runs).optional(),
      /** Direct convolution only: a relative error of 1e-7 instead of 5e-6, about 1.5 times slower. */
      exact: z.boolean().default(false),
    })
    .prefault({}),
  placement: placementConfig.prefault({}),
  memory: memoryConfig.prefault({}),
  checkpoints: z
    .strictObject({ everyEpochs: count(most.epochs).default(5), keep: count(most.runs).default(2) })
    .prefault({}),
  divergence: z
    .strictObject({
      /** Diverged when an epoch's loss exceeds this many times the first epoch's. */
      lossFactor: z.number().gt(1).max(1e12).default(10),
      /** Diverged when the first metric stays at zero, and the loss does not fall, for this many epochs after warmup. */
      zeroEpochs: count(most.epochs).default(5),
    })
    .prefault({}),
});

export type StudyConfig = z.infer<typeof studyConfig>;

/** What a user writes: fields with a default may be left out. */
export type StudyConfigInput = z.input<typeof studyConfig>;
