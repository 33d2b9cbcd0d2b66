import { metricNames } from '../../config/decision-metrics.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { ComponentConfig } from '../../config/sections/components.ts';
import { processesFor } from '../../config/sections/processes.ts';
import { count } from '../../domain/text/format.ts';
import { devicesText, memoryText } from './resources-text.ts';

export type PartOrigin = 'default' | 'config' | 'module';

/** One action of the composed program (thesis Figure 4.3). */
export interface Part {
  action: string;
  /** What carries it out. */
  is: string;
  from: PartOrigin;
  /** Whether a module may take its place. */
  extensible: boolean;
  /** Actions it relies on without calling them (thesis §4.3.5); review this one when one of them is replaced. */
  needs: string[];
}

export interface PartModule {
  module: string;
  parts: Part[];
}

/** The composed program: components made of modules made of actions, and what to review where a part was replaced. */
export interface ComponentTree {
  components: { component: string; modules: PartModule[] }[];
  warnings: string[];
}

/** `given` is the config file's content, before defaults. */
export function componentTree(config: ResolvedStudyConfig, given: unknown): ComponentTree {
  const { launcher, compute, components, setting, task, model, data, loss, strategy, checkpoints } = config;
  const from = (field: string): PartOrigin => (isGiven(given, field) ? 'config' : 'default');
  const part = (action: string, is: string, field: string): Part => ({
    action,
    is,
    from: from(field),
    extensible: false,
    needs: needsOf(action),
  });
  const open = (action: string, its: ComponentConfig | undefined, is: string, field: string): Part =>
    its === undefined
      ? { action, is, from: from(field), extensible: true, needs: needsOf(action) }
      : { action, is: its.module, from: 'module', extensible: true, needs: needsOf(action) };
  const many = (action: string, list: readonly ComponentConfig[], none: string): Part[] =>
    list.length === 0
      ? [{ action, is: none, from: 'default', extensible: true, needs: needsOf(action) }]
      : list.map(({ module }) => ({ action, is: module, from: 'module', extensible: true, needs: needsOf(action) }));
  const own = ownWay(config);
  const one = launcher.kind === 'local';
  const averaging = own ?? (one ? `${launcher.shards}, ${count(config.workers, 'worker')} in one process` : strategy);
  const { initialLr, warmupEpochs, decayEpochs, decayCoefficient } = setting;
  return {
    components: [
      {
        component: 'parallelism definition',
        modules: [
          {
            module: 'training environment',
            parts: [
              part(
                'communication init',
                one ? (own ?? 'none: one process plays all workers') : `MPI, ${ranksText(config)} (${launcher.kind})`,
                'launcher',
              ),
              part('device placement', devicesText(config), 'placement.devices'),
              part('compute back end', own ?? backendText(compute), 'compute.backend'),
              part(
                'CPU threads',
                compute.threads === undefined
                  ? (own ?? 'the cores, shared by the processes')
                  : `${compute.threads} per process`,
                'compute.threads',
              ),
              part('memory allocation', memoryText(config), 'memory'),
            ],
          },
          {
            module: 'training strategy',
            parts: [
              open('distribution strategy', components.strategy, averaging, one ? 'launcher.shards' : 'strategy'),
              part(
                'checkpoints',
                `${checkpoints.everyEpochs === 1 ? 'every epoch' : `every ${checkpoints.everyEpochs} epochs`}, the last ${checkpoints.keep} kept`,
                'checkpoints',
              ),
              ...many('callbacks', components.callbacks, 'none'),
              part(
                'hyperparameter injection',
                `rate ${initialLr}, warmup ${warmupEpochs}, decay ${count(decayEpochs, 'epoch')}, coefficient ${decayCoefficient}; then the guideline's`,
                'setting',
              ),
              open(
                'optimizer',
                setting.optimizer === 'custom' ? components.optimizer : undefined,
                setting.optimizer,
                'setting.optimizer',
              ),
            ],
          },
        ],
      },
      {
        component: 'model definition',
        modules: [
          {
            module: 'model',
            parts: [
              part('task', task, 'task'),
              open('architecture', components.architecture, own ?? model.architecture, 'model.architecture'),
              open('dataset', components.dataset, own ?? (data.kind === 'slices' ? data.path : data.kind), 'data'),
              open('loss', components.loss, own ?? loss, 'loss'),
              part('decision metrics', metricNames(config.decision).join(', '), 'decision.metrics'),
              ...many('further metrics', components.metrics, own ?? 'none'),
            ],
          },
        ],
      },
    ],
    warnings: neighbours(config),
  };
}

const needs: Record<string, string[]> = {
  'device placement': ['communication init', 'compute back end'],
  'CPU threads': ['communication init', 'compute back end'],
  'memory allocation': ['device placement', 'compute back end'],
  'distribution strategy': ['communication init'],
  callbacks: ['checkpoints'],
  'hyperparameter injection': ['optimizer', 'architecture', 'loss'],
  architecture: ['task', 'dataset'],
  dataset: ['task'],
  loss: ['task', 'architecture'],
  'decision metrics': ['task', 'further metrics'],
  'further metrics': ['task', 'dataset'],
};

/** The text for parts that another trainer provides itself; null where autopilot's own trainer runs. */
function ownWay({ trainer }: ResolvedStudyConfig): string | null {
  if (trainer.kind === 'embedded') return null;
  return trainer.kind === 'command' ? "the command's own" : 'none: accuracies are computed, nothing is trained';
}

function ranksText({ trainer, workers }: ResolvedStudyConfig): string {
  const ranks = processesFor(trainer, workers);
  return ranks === workers
    ? count(workers, 'rank')
    : ranks === 1
      ? `1 rank that plays ${workers} workers`
      : `${ranks} ranks that play ${count(workers / ranks, 'worker')} each`;
}

function needsOf(action: string): string[] {
  return needs[action] ?? [];
}

/** What to adjust where a part was replaced, in the parts that rely on it. */
function neighbours({ components, launcher, setting, decision, placement, compute }: ResolvedStudyConfig): string[] {
  const warnings: string[] = [];
  const { architecture, dataset, loss, optimizer, strategy } = components;
  if (strategy !== undefined) {
    warnings.push(
      launcher.kind === 'local'
        ? 'The distribution strategy is a module: one process hands it all gradients and mpi is null. Try it with launcher mpi, where it gets one gradient and must talk to the others.'
        : 'The distribution strategy is a module: it must give every rank the same mean, and relies on the communication init of this launcher.',
    );
  }
  if (optimizer !== undefined) {
    warnings.push(
      `The optimizer is a module: initialLr ${setting.initialLr} is on its scale; tune it for one worker first.`,
    );
  }
  if (architecture !== undefined) {
    warnings.push(
      'The architecture is a module: its rate differs, so tune initialLr for one worker; set mixesImages when it uses batch normalization.',
    );
  }
  if (dataset !== undefined && architecture === undefined) {
    warnings.push(
      'The dataset is a module: its images must fit the architecture (sizes that are multiples of its halvings).',
    );
  }
  if (loss !== undefined) {
    warnings.push(
      `The loss is a module: its scale acts like a rate; check initialLr, and that it serves ${metricNames(decision)[0]}.`,
    );
  }
  if (placement.devices !== 'all' && compute.backend === 'webgpu') {
    warnings.push(
      'placement.devices chooses among GPUs by CUDA_VISIBLE_DEVICES, which the back end webgpu does not read: every rank takes the GPU that Vulkan offers first.',
    );
  }
  return warnings;
}

function backendText({ backend, precision }: ResolvedStudyConfig['compute']): string {
  return precision === 'float32' ? backend : `${backend}, convolutions in ${precision}`;
}

function isGiven(given: unknown, field: string): boolean {
  let value = given;
  for (const name of field.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value !== undefined;
}
