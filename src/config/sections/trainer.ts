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
    /** Most processes of a run, with a launcher that starts several. If there are fewer than workers, each plays several workers, with the same arithmetic. Left out: one for each worker. */
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
    /** Milliseconds that an epoch takes, so that you can watch. */
    epochMs: z.number().min(0).max(1e9).default(0),
  }),
  z.strictObject({
    kind: z.literal('command'),
    /** Executable and arguments, one item each; no shell reads them. Placeholders that are filled in: `{workers}`, `{processes}`, `{runDirectory}`, `{seed}`, `{attempt}`, `{masterPort}`; with `start: perNode` also `{nodes}`, `{nodeRank}`, `{workersPerNode}`, `{masterAddress}`. */
    command: z.array(argument).min(1).max(most.items),
    /** Working directory of the command, relative to the study file. */
    directory: line.default('.'),
    /** Environment variables added to autopilot's own. */
    environment,
    /** How often the command is started: `once` (it starts its workers itself), `perNode` (such as torchrun on each node) or `perRank` (with RANK, WORLD_SIZE, … set). Left out: `perNode` if the command has a placeholder of a node, `once` if it has `{workers}` or `{processes}` or the launcher is `local`, otherwise `perRank`. */
    start: z.enum(['once', 'perNode', 'perRank']).optional(),
    /** Most processes of a run; `{processes}` stands for their number. If there are fewer than workers, each adds up the gradients of several (Python: `run.epochs`). Left out: one for each worker. */
    processes,
    /** How the trainer reports accuracies: as fractions or in percent; with `auto`, a value above 1 means percent. */
    metricScale: z.enum(['auto', 'fraction', 'percent']).default('auto'),
  }),
]);

export type TrainerConfig = z.infer<typeof trainerConfig>;
export type CommandTrainerConfig = Extract<TrainerConfig, { kind: 'command' }>;
