import * as z from 'zod';
import { printable, shortened } from '../domain/text/printable.ts';
import { wireNumber } from './number.ts';
import { sampleFields } from './sample-file.ts';

/** Text for a reader: made printable, and cut off if it is longer than anyone reads. */
const sentence = z.string().overwrite((text) => shortened(printable(text), 4000));
/** A name that may head a table or appear in a query. */
const name = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'has control characters');
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\P{Cc}*$/u, 'has control characters');
/** Values by name: a limited number, and no name that every object already has. */
const byName = <Value extends z.ZodType>(value: Value) =>
  z
    .record(
      name.refine((text) => !(text in {}), 'is a name that every object has'),
      value,
    )
    .refine((record) => Object.keys(record).length <= 1000, 'has more than 1000 names');
const epoch = z.int().min(1).max(1_000_000);
/** The latest time that a date can represent. */
const lastMs = 8.64e15;

const base = {
  timeMs: z.number().min(0).max(lastMs).optional().describe("Milliseconds since 1970, the writer's clock."),
  attempt: z
    .int()
    .min(1)
    .optional()
    .describe('The attempt that wrote it; a line of an older attempt is ignored (fencing).'),
  secret: z
    .string()
    .max(200)
    .optional()
    .describe(
      '`AUTOPILOT_SECRET` of the process that wrote it: a line without it, or with a different one, is ignored.',
    ),
};
/** The rates of one parameter group: the lowest and the highest over the epoch's steps. */
const rate = z.object({
  min: wireNumber,
  max: wireNumber,
  scale: z
    .number()
    .positive()
    .optional()
    .describe("Intended multiple of the schedule's rate. Left out: 1, as for the first group."),
});
/** What the trainer measured about its own training, not what it was asked for: the engine compares the two. */
const measured = z
  .object({
    lr: z
      .array(rate)
      .min(1)
      .max(1000)
      .optional()
      .describe("Rates of each parameter group of the optimizer over the epoch; the first has the schedule's rate."),
    steps: z.int().min(0).optional().describe('Optimizer steps of the epoch, or in `finished` of the whole training.'),
    stepsPerEpoch: z.int().min(1).optional(),
    leftOut: z
      .int()
      .min(0)
      .optional()
      .describe('Steps among these that a gradient scaler skipped after an overflow; no rate is measured for them.'),
    optimizer: name.optional().describe("The study's name for it, or else its own."),
    workers: z.int().min(1).optional().describe('Number of workers that train together.'),
    processes: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Number of processes: fewer than `workers` if each does the work of several. Left out: one per worker.',
      ),
    batchPerWorker: z.int().min(1).optional().describe('Samples per worker and optimizer step.'),
    gradientNoise: z
      .object({ trace: wireNumber, squaredNorm: wireNumber })
      .optional()
      .describe(
        "Means over the epoch's steps: of the trace of the covariance of one sample's gradient, and of the true gradient's squared norm.",
      ),
  })
  .optional();
/** The limit is far beyond any metric, and its square is still finite. */
const metric = wireNumber.refine((value) => !(Math.abs(value) > 1e100 && Number.isFinite(value)), 'is beyond 1e100');
const metrics = byName(metric);

/** One line of `events.ndjson`, trainer to autopilot. Only rank 0 appends; the other ranks write files of their own. */
export const trainerEvent = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('started').describe('The first line of an attempt.'),
    ...base,
    workers: z.int().min(1).optional(),
    measured,
    /** What the trainer can do; the guideline skips what it cannot. */
    capabilities: z
      .object({ optimizers: z.array(name).max(100).optional(), policies: z.array(name).max(100).optional() })
      .optional(),
    /** What the metrics of the study's decision mean, for those that are not known by their names. */
    metrics: byName(
      z.object({
        direction: z.enum(['higher', 'lower']).optional(),
        bounds: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
        unit: name.optional(),
        scale: z.enum(['fraction', 'percent', 'number']).optional(),
        trivial: z
          .number()
          .optional()
          .describe('What a predictor that learned nothing reaches: one class everywhere, an empty mask.'),
      }),
    ).optional(),
    environment: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Host, versions, back end: kept for the reproducibility report.'),
    resumedFromStep: z.int().min(0).optional(),
    /** Where the initial weights came from (`model.initFrom`): names taken, and names initialized as usual. */
    transfer: z
      .looseObject({
        from: z.string(),
        taken: z.array(z.string()),
        kept: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
      })
      .optional(),
  }),
  z.looseObject({
    type: z.literal('epoch').describe('An epoch has ended.'),
    ...base,
    /** 1-based: the epoch that just ended. */
    epoch,
    phase: name.optional(),
    lr: wireNumber.optional().describe("The rate of the epoch's last step."),
    loss: wireNumber.optional(),
    metrics: metrics.optional(),
    classes: byName(metrics).optional().describe('The same metrics per class, by class name.'),
    step: z.int().min(0).optional(),
    measured,
    seconds: z.number().min(0).max(1e9).optional(),
  }),
  z.looseObject({
    type: z.literal('heartbeat').describe('A rank is alive.'),
    ...base,
    rank: z.int().min(0).max(1_000_000),
    step: z.int().min(0).optional(),
    progress: z
      .int()
      .min(0)
      .optional()
      .describe('Counts whatever shows progress. While it does not change, heartbeats are no sign of life.'),
  }),
  z.looseObject({
    type: z.literal('checkpoint').describe('A checkpoint is complete and may be resumed from.'),
    ...base,
    /** A path in the run directory: relative to it, or absolute. */
    path,
    step: z.int().min(0),
    epoch: z.number().min(0).max(1_000_000).optional(),
    sha256: z
      .string()
      .max(200)
      .optional()
      .describe(
        "SHA-256 of the file's content, in hex. With its size in `bytes`, it shows whether a checkpoint is damaged.",
      ),
    bytes: z.int().min(0).optional(),
  }),
  z.looseObject({
    type: z.literal('evaluation').describe('Metrics of the whole training on a part of the data.'),
    ...base,
    metrics,
    trivial: metrics
      .optional()
      .describe('What a predictor that learned nothing reaches on the same data: the baseline must be better.'),
    split: name.optional().describe('Name of the part of the data. Left out: `test`.'),
    classes: byName(metrics)
      .optional()
      .describe('The same metrics per class, by class name, without the background of a segmentation.'),
  }),
  z.looseObject({ type: z.literal('sample').describe('What a rank measured about itself.'), ...base, ...sampleFields }),
  z.looseObject({
    type: z.literal('prediction').describe('A picture of what the network predicts.'),
    ...base,
    path,
    epoch: z.int().min(0).max(1_000_000).optional(),
  }),
  z.looseObject({
    type: z.literal('warning').describe('Something that a reader should know; training continues.'),
    ...base,
    message: sentence,
  }),
  z.looseObject({
    type: z.literal('diverged').describe('Training has broken down; the last line.'),
    ...base,
    reason: sentence,
    epoch: z.number().max(1_000_000).optional(),
  }),
  z.looseObject({
    type: z.literal('failed').describe('The program could not continue; the last line.'),
    ...base,
    reason: sentence,
    code: name.optional(),
  }),
  z.looseObject({
    type: z.literal('finished').describe('Training is complete; the last line.'),
    ...base,
    steps: z.int().min(0).optional(),
    stoppedAfter: z
      .int()
      .min(1)
      .optional()
      .describe('The last epoch trained, if the trainer itself ended the training early (early stopping).'),
    measured,
    weightsHash: z.string().max(200).optional(),
  }),
]);

export type TrainerEvent = z.infer<typeof trainerEvent>;

/** The first line of an attempt in `events.ndjson`, written by autopilot; lines without an `attempt` belong to it. */
export const attemptLine = z.object({
  type: z.literal('attempt').describe('Written by autopilot before it starts the processes of an attempt.'),
  attempt: z.int().min(1),
  name: z.string().describe("The attempt's unique name, `AUTOPILOT_ATTEMPT` of its processes."),
});

export type AttemptLine = z.infer<typeof attemptLine>;
