import type { DecisionConfig } from '../../config/sections/decision.ts';
import { schedulerPresets } from '../../config/sections/launcher.ts';
import type { TrainerConfig } from '../../config/sections/trainer.ts';
import type { OptimizerName } from '../../domain/setting.ts';
import { count } from '../../domain/text/format.ts';

/** What `autopilot init` asks for; the rest of the file is defaults, explained in comments. */
export interface InitAnswers {
  name: string;
  trainer: TrainerConfig['kind'];
  /** The user's program, for trainer `command`. */
  command: string[];
  workers: number;
  epochs: number;
  /** η: the single worker's own well-tuned rate. */
  initialLr: number;
  /** Folder of slices for trainer `embedded`; null for the phantom. */
  data: string | null;
  launcher: LauncherChoice;
  rule: DecisionConfig['rule'];
  batchPerWorker?: number;
  /** For trainer `embedded`. */
  architecture?: 'fcn' | 'unet';
  channels?: number;
  optimizer?: OptimizerName;
  /** Single-worker runs to compare with, for the rule `nonInferiority`. */
  baselineSeeds?: number;
  /** Maximum number of iterations. */
  iterations?: number;
}

/** How workers are started; schedulers by the name of their preset. */
export const launcherChoices = ['local', 'mpi', 'slurm', ...schedulerPresets] as const;
type LauncherChoice = (typeof launcherChoices)[number];

export const initDefaults = {
  trainer: 'embedded',
  workers: 4,
  epochs: 40,
  initialLr: 0.5,
  launcher: 'local',
  rule: 'nonInferiority',
  batchPerWorker: 1,
  architecture: 'fcn',
  channels: 16,
  optimizer: 'sgd',
  baselineSeeds: 8,
  iterations: 60,
} as const satisfies Partial<InitAnswers>;

/** A commented study.yaml. Values are quoted as JSON, which is YAML too. */
export function initConfigText(given: InitAnswers): string {
  const answers = { ...initDefaults, ...given };
  const { name, workers, epochs, initialLr, batchPerWorker, optimizer, iterations } = answers;
  return `# A study asks one question: can this model be trained on ${count(workers, 'worker')} with no loss against one worker?
# Every field and its default: docs/config.md. What this would do: autopilot plan

name: ${JSON.stringify(name)}

${trainerText(answers)}
# k: how many workers train together.
workers: ${workers}
# Samples a worker takes per step; the whole batch is workers x batchPerWorker.
batchPerWorker: ${batchPerWorker}
# E: epochs of every run, the baseline included.
epochs: ${epochs}

# Where the study starts: the setting that is well tuned for ONE worker.
setting:
  # The rate of one worker. GreScale warms up to workers x initialLr.
  initialLr: ${initialLr}
  # Epochs of warmup; stabilization and decay share the rest, 4 to 3.
  warmupEpochs: ${epochs < 5 ? Math.floor(epochs / 3) : 5}
  # How far the rate falls in the decay phase: to exp(-decayCoefficient) of its peak.
  decayCoefficient: 3
  # sgd, momentum, adam or lars.
  optimizer: ${optimizer}

${ruleText(answers)}
budget:
  # Iteration limit, validations included.
  iterations: ${iterations}

${launcherText(answers)}
# GPUs and memory of each process; localRank gives one GPU of its host to each rank in turn.
# placement: { devices: localRank }
# memory: { heapMb: 4096, gpu: grow }
`;
}

function ruleText({ rule, baselineSeeds }: Required<InitAnswers>): string {
  if (rule === 'thesis') {
    return `# One run of one worker to compare with, as published.
baseline:
  seeds: 1

# As published: a run that comes within the tolerance of the baseline, or is better, is validated once.
decision:
  rule: thesis
  # In the unit of the first metric (0.002 = 0.2 points).
  tolerance: 0.002

# What is changed, and in which order: the published order.
guideline: thesis
`;
  }
  return `# Single-worker runs to compare with, each with its own seed: identical runs differ by a point or two.
baseline:
  seeds: ${baselineSeeds}
  # If the confirmed setting trains longer than one worker did: check trains one worker equally long, and says what that gains.
  extend: never

# When a run counts as good enough: repeated with new seeds until it is clear that no more than the margin is lost.
decision:
  rule: nonInferiority
  # The largest loss of the first metric that does not matter (0.01 = 1 point).
  margin: 0.01
  # Run limit for confirming one setting; fewer if it is clear sooner.
  maxRuns: 12

# What is changed, and in which order. anytime finds a setting without loss first, then a faster one; thesis is the
# published order, for the rule thesis.
guideline: anytime
# answer: end with the first setting without loss. speed: go on to faster ones while the budget lasts.
goal: answer
`;
}

function launcherText({ launcher }: Required<InitAnswers>): string {
  if (launcher === 'local') {
    return `# How workers are started: local plays all of them in one process; mpi, slurm, scheduler (Grid Engine, PBS, LSF and
# others): docs/cluster.md.
launcher:
  kind: local
`;
  }
  if (launcher === 'mpi') {
    return `# How workers are started: by mpirun, one process each. Without a hostfile, on this host only.
launcher:
  kind: mpi
  # hostfile: hosts
`;
  }
  if (launcher === 'slurm') {
    return `# How workers are started: each run is a Slurm job with a task for each worker.
launcher:
  kind: slurm
  # partition: main
  # gres: gpu:1
  # time: "04:00:00"
`;
  }
  return `# How workers are started: each run is a job of the scheduler; its templates: docs/cluster.md.
launcher:
  kind: scheduler
  preset: ${launcher}
`;
}

function trainerText({ trainer, command, data, architecture, channels }: Required<InitAnswers>): string {
  if (trainer === 'simulated') {
    return `# Nothing is trained: accuracies come from a formula, in milliseconds. For trying guidelines and decision rules.
trainer:
  kind: simulated
  # Standard deviation of the accuracy between identical runs.
  noise: 0.008
`;
  }
  if (trainer === 'command') {
    return `# Your own program. It reads its rate from $AUTOPILOT_RUN/run.json and reports to events.ndjson there.
trainer:
  kind: command
  # One item per word; {workers}, {runDirectory}, {seed} and {attempt} are filled in.
  command: ${JSON.stringify(command)}
`;
  }
  const source =
    data === null
      ? `data:
  # Generated slices, to try things out; for your own: { kind: slices, path: FOLDER }.
  kind: phantom
  trainSlices: 240
  testSlices: 120`
      : `data:
  kind: slices
  path: ${JSON.stringify(data)}`;
  return `# The trainer that comes with autopilot.
trainer:
  kind: embedded

model:
  # fcn or unet.
  architecture: ${architecture}
  channels: ${channels}

${source}
`;
}
