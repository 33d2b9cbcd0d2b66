import * as z from 'zod';
import { printable, shortened } from '../domain/printable.ts';
import { wireNumber } from './number.ts';
import { sampleFields } from './sample-file.ts';

/** What a reader is told: as it may be shown, and cut off where it is longer than anyone reads. */
const sentence = z.string().overwrite((text) => shortened(printable(text), 4000));
/** What a table is headed with or a query asks for. */
const name = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'has control characters');
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\P{Cc}*$/u, 'has control characters');
/** By name, so many at most; no name that every object has already. */
const byName = <Value extends z.ZodType>(value: Value) =>
  z
    .record(
      name.refine((text) => !(text in {}), 'is a name that every object has'),
      value,
    )
    .refine((record) => Object.keys(record).length <= 1000, 'has more than 1000 names');
const epoch = z.int().min(1).max(1_000_000);
/** The last millisecond that a date can have. */
const lastMs = 8.64e15;

const base = {
  /** Milliseconds since 1970, the writer's clock. */
  timeMs: z.number().min(0).max(lastMs).optional(),
  /** The attempt that wrote it; a line of an older attempt is ignored (fencing). */
  attempt: z.int().min(1).optional(),
  /** `AUTOPILOT_SECRET` of the process that wrote it: a line without it, or with another one, does not count. */
  secret: z.string().max(200).optional(),
};
/** The rates of one parameter group: the lowest and the highest of the epoch's steps. */
const rate = z.object({
  min: wireNumber,
  max: wireNumber,
  /** How many times the schedule's rate it is meant to be; left out: 1, for the first group. */
  scale: z.number().positive().optional(),
});
/** What the trainer measured of its own training, not what it was asked: the engine compares the two. */
const measured = z
  .object({
    /** Of each parameter group of the optimizer, over the epoch; the first has the schedule's rate. */
    lr: z.array(rate).min(1).max(1000).optional(),
    /** Optimizer steps: of the epoch, or in `finished` of the whole training. */
    steps: z.int().min(0).optional(),
    stepsPerEpoch: z.int().min(1).optional(),
    /** Of these steps, those that a gradient scaler left out after an overflow: no rate is measured of them. */
    leftOut: z.int().min(0).optional(),
    /** By the study's names, or else its own. */
    optimizer: name.optional(),
    /** Processes that train together. */
    workers: z.int().min(1).optional(),
    /** Samples of one worker and optimizer step. */
    batchPerWorker: z.int().min(1).optional(),
    /** Means over the epoch's steps: of the trace of the covariance of one sample's gradient, and of the true gradient's squared norm. */
    gradientNoise: z.object({ trace: wireNumber, squaredNorm: wireNumber }).optional(),
  })
  .optional();
/** Far beyond any metric, and its square is still a number. */
const metric = wireNumber.refine((value) => !(Math.abs(value) > 1e100 && Number.isFinite(value)), 'is beyond 1e100');
const metrics = byName(metric);

/** One line of `events.ndjson`, trainer to autopilot. Rank 0 appends; other ranks only beat. */
export const trainerEvent = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('started'),
    ...base,
    workers: z.int().min(1).optional(),
    measured,
    /** What the trainer can do; the guideline skips what it cannot. */
    capabilities: z
      .object({ optimizers: z.array(name).max(100).optional(), policies: z.array(name).max(100).optional() })
      .optional(),
    /** What the metrics mean that the study's decision names: for those that are not known by their names. */
    metrics: byName(
      z.object({
        direction: z.enum(['higher', 'lower']).optional(),
        bounds: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
        unit: name.optional(),
        scale: z.enum(['fraction', 'percent', 'number']).optional(),
        /** What a predictor that learned nothing reaches: one class everywhere, an empty mask. */
        trivial: z.number().optional(),
      }),
    ).optional(),
    /** Host, versions, back end: kept for the reproducibility report. */
    environment: z.record(z.string(), z.unknown()).optional(),
    resumedFromStep: z.int().min(0).optional(),
    /** Where the first weights came from (`model.initFrom`): names taken, and names that kept a start of their own. */
    transfer: z
      .looseObject({
        from: z.string(),
        taken: z.array(z.string()),
        kept: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
      })
      .optional(),
  }),
  z.looseObject({
    type: z.literal('epoch'),
    ...base,
    /** 1-based: the epoch that just ended. */
    epoch,
    phase: name.optional(),
    /** The rate of the epoch's last step. */
    lr: wireNumber.optional(),
    loss: wireNumber.optional(),
    metrics: metrics.optional(),
    step: z.int().min(0).optional(),
    measured,
    seconds: z.number().min(0).max(1e9).optional(),
  }),
  z.looseObject({
    type: z.literal('heartbeat'),
    ...base,
    rank: z.int().min(0).max(1_000_000),
    step: z.int().min(0).optional(),
    /** Counts whatever shows that the training goes on. While it stands still, the beat of a thread is no sign of life. */
    progress: z.int().min(0).optional(),
  }),
  z.looseObject({
    type: z.literal('checkpoint'),
    ...base,
    /** In the run directory: relative to it, or absolute. */
    path,
    step: z.int().min(0),
    epoch: z.number().min(0).max(1_000_000).optional(),
    /** Of the file's content, in hex, and its size: a reader can tell a damaged checkpoint. */
    sha256: z.string().max(200).optional(),
    bytes: z.int().min(0).optional(),
  }),
  z.looseObject({
    type: z.literal('evaluation'),
    ...base,
    metrics,
    /** What a predictor that learned nothing reaches on the same data: the baseline has to be better. */
    trivial: metrics.optional(),
    /** Which part of the data; left out: `test`. */
    split: name.optional(),
    /** The same of each class, by its name; the background of a segmentation is none of them. */
    classes: byName(metrics).optional(),
  }),
  z.looseObject({ type: z.literal('sample'), ...base, ...sampleFields }),
  z.looseObject({ type: z.literal('prediction'), ...base, path, epoch: z.int().min(0).max(1_000_000).optional() }),
  z.looseObject({ type: z.literal('warning'), ...base, message: sentence }),
  z.looseObject({
    type: z.literal('diverged'),
    ...base,
    reason: sentence,
    epoch: z.number().max(1_000_000).optional(),
  }),
  z.looseObject({ type: z.literal('failed'), ...base, reason: sentence, code: name.optional() }),
  z.looseObject({
    type: z.literal('finished'),
    ...base,
    steps: z.int().min(0).optional(),
    /** The last epoch, where the trainer itself chose to train no more of them (early stopping). */
    stoppedAfter: z.int().min(1).optional(),
    measured,
    weightsHash: z.string().max(200).optional(),
  }),
]);

export type TrainerEvent = z.infer<typeof trainerEvent>;
