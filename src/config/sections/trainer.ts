import * as z from 'zod';
import { environment, line, most } from './bounds.ts';

/** One argument of a program; it may have several lines, as after `python3 -c`. */
const argument = z
  .string()
  .min(1)
  .max(100_000)
  .regex(/^[^\0]*$/, 'leave out the NUL character');

const processes = z.int().min(1).max(most.items).optional();

/** Who trains. */
export const trainerConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded'),
    /** Most processes that a run has, where the launcher starts several: fewer than a run has workers play several workers each, with the same arithmetic. Left out: as many as workers. */
    processes,
  }),
  z.strictObject({
    kind: z.literal('simulated'),
    /** Spread of the primary metric between identical runs (standard deviation, fraction). */
    noise: z.number().min(0).max(1e6).default(0.008),
    /** The primary metric of a well-tuned single worker. */
    ceiling: z.number().min(0).max(1).default(0.85),
    /** Peak rate above which warmup no longer saves a run. */
    stableLr: z.number().positive().max(1e9).default(6),
    /** Milliseconds per epoch, to watch it happen. */
    epochMs: z.number().min(0).max(1e9).default(0),
  }),
  z.strictObject({
    kind: z.literal('command'),
    /** Executable and arguments, one item each (no shell). Filled in: `{workers}`, `{processes}`, `{runDirectory}`, `{seed}`, `{attempt}`, `{masterPort}`; per node also `{nodes}`, `{nodeRank}`, `{workersPerNode}`, `{masterAddress}`. */
    command: z.array(argument).min(1).max(most.items),
    /** Working directory, relative to the study file. */
    directory: line.default('.'),
    /** Added to autopilot's own environment. */
    environment,
    /** How often it is started: `once` (it starts its workers itself), `perNode` (torchrun on each node) or `perRank` (with RANK, WORLD_SIZE, … set). Left out: per node where the command has a node's placeholder, once where it has `{workers}` or `{processes}`, or the launcher is `local`, per rank otherwise. */
    start: z.enum(['once', 'perNode', 'perRank']).optional(),
    /** Most processes that a run has, which `{processes}` stands for: fewer than a run has workers add up the gradients of several each (Python: `run.epochs`). Left out: as many as workers. */
    processes,
    /** How it reports accuracies: as fractions, in percent, or `auto`: a value above 1 says percent. */
    metricScale: z.enum(['auto', 'fraction', 'percent']).default('auto'),
  }),
]);

export type TrainerConfig = z.infer<typeof trainerConfig>;
export type CommandTrainerConfig = Extract<TrainerConfig, { kind: 'command' }>;
