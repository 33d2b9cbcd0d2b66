import * as z from 'zod';
import { environment, line, most } from './bounds.ts';

/** One argument of a program; it may have several lines, as after `python3 -c`. */
const argument = z
  .string()
  .min(1)
  .max(100_000)
  .regex(/^[^\0]*$/, 'leave out the NUL character');

const processes = z.int().min(1).max(most.items).optional();

/** What trains each run. */
export const trainerConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded'),
    /** Maximum number of processes of a run, with a launcher that starts several. If there are fewer processes than workers, each does the work of several workers, with the same arithmetic. Left out: one per worker. */
    processes,
  }),
  z.strictObject({
    kind: z.literal('simulated'),
    /** Spread of the primary metric between identical runs (standard deviation, as a fraction). */
    noise: z.number().min(0).max(1e6).default(0.008),
    /** The primary metric of a well-tuned single worker. */
    ceiling: z.number().min(0).max(1).default(0.85),
    /** Peak rate above which a run without warmup diverges; each epoch of warmup raises that limit by a tenth. */
    stableLr: z.number().positive().max(1e9).default(6),
    /** Milliseconds that an epoch takes, so that you can watch. */
    epochMs: z.number().min(0).max(1e9).default(0),
  }),
  z.strictObject({
    kind: z.literal('command'),
    /** Executable and arguments, one item each, run without a shell. Placeholders that are filled in: `{workers}`, `{processes}`, `{runDirectory}`, `{seed}`, `{attempt}`, `{masterPort}`; with `start: perNode` also `{nodes}`, `{nodeRank}`, `{workersPerNode}`, `{masterAddress}`. */
    command: z.array(argument).min(1).max(most.items),
    /** Working directory of the command, relative to the study file. */
    directory: line.default('.'),
    /** Environment variables added to autopilot's own. */
    environment,
    /** How many times the command is started: `once` (it starts its workers itself), `perNode` (such as torchrun on each node) or `perRank` (with RANK, WORLD_SIZE, … set). Left out: `perNode` if the command has one of the `perNode` placeholders, `once` if it has `{workers}` or `{processes}` or the launcher is `local`, otherwise `perRank`. */
    start: z.enum(['once', 'perNode', 'perRank']).optional(),
    /** Maximum number of processes of a run; `{processes}` is the actual number. If there are fewer processes than workers, each accumulates the gradients of several (Python: `run.epochs`). Left out: one per worker. */
    processes,
    /** How the trainer reports accuracies: as fractions or in percent; with `auto`, a value above 1 means percent. */
    metricScale: z.enum(['auto', 'fraction', 'percent']).default('auto'),
  }),
]);

export type TrainerConfig = z.infer<typeof trainerConfig>;
export type CommandTrainerConfig = Extract<TrainerConfig, { kind: 'command' }>;
