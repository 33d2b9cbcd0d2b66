import { resolve } from 'node:path';
import { defaultDecayEpochs, defaultWarmupEpochs } from '../../schedules/defaults.ts';
import { defaultClassificationMetrics, defaultDecisionMetrics } from '../domain/metric/metrics.ts';
import { defaultAllowance } from './decision-metrics.ts';
import type { ComponentConfig, ComponentsConfig } from './sections/components.ts';
import type { DecisionConfig, MetricItem } from './sections/decision.ts';
import { type ModelConfig, modelConfig } from './sections/model.ts';
import type { StudyConfig } from './study-config.ts';

const defaultModel = {
  segmentation: modelConfig.parse({ architecture: 'fcn' }),
  classification: modelConfig.parse({ architecture: 'vgg' }),
};
const defaultMetrics = { segmentation: defaultDecisionMetrics, classification: defaultClassificationMetrics };

/** A study config with the defaults that depend on other fields filled in, and its paths absolute. */
export type ResolvedStudyConfig = Omit<
  StudyConfig,
  'setting' | 'baseline' | 'model' | 'loss' | 'strategy' | 'decision'
> & {
  loss: NonNullable<StudyConfig['loss']>;
  strategy: NonNullable<StudyConfig['strategy']>;
  model: ModelConfig;
  decision: ResolvedDecision;
  setting: Omit<StudyConfig['setting'], 'warmupEpochs' | 'decayEpochs'> & { warmupEpochs: number; decayEpochs: number };
  baseline: StudyConfig['baseline'] & { seeds: number };
};

type Decided<Decision, Field extends keyof Decision> = Omit<Decision, 'metrics' | Field> & {
  metrics: MetricItem[];
} & Record<Field, number>;
export type ResolvedDecision =
  | Decided<Extract<DecisionConfig, { rule: 'thesis' }>, 'tolerance'>
  | Decided<Extract<DecisionConfig, { rule: 'nonInferiority' }>, 'margin'>;

/** `directory` is the config file's folder, where relative paths start, or a function that maps each path. */
export function resolveStudyConfig(
  config: StudyConfig,
  directory: string | ((path: string) => string),
): ResolvedStudyConfig {
  const { task, setting, baseline, decision, trainer, launcher } = config;
  const placed = typeof directory === 'string' ? (path: string) => resolve(directory, path) : directory;
  const at = (component: ComponentConfig) => ({ ...component, module: placed(component.module) });
  const model = config.model ?? defaultModel[task];
  const warmupEpochs = setting.warmupEpochs ?? shortWarmup(config.epochs);
  return {
    ...config,
    loss: config.loss ?? 'crossEntropy',
    strategy: config.strategy ?? 'allreduce',
    model: { ...model, ...(model.initFrom === undefined ? {} : { initFrom: placed(model.initFrom) }) },
    decision: resolveDecision(decision, task),
    components: withPaths(config.components, at),
    data: 'path' in config.data ? { ...config.data, path: placed(config.data.path) } : config.data,
    setting: {
      ...setting,
      warmupEpochs,
      decayEpochs: setting.decayEpochs ?? defaultDecayEpochs(config.epochs, warmupEpochs),
    },
    trainer: trainer.kind === 'command' ? { ...trainer, directory: placed(trainer.directory) } : trainer,
    launcher:
      launcher.kind === 'mpi' && launcher.hostfile !== undefined
        ? { ...launcher, hostfile: placed(launcher.hostfile) }
        : launcher,
    baseline: {
      ...baseline,
      seeds: baseline.runs?.length ?? baseline.n ?? baseline.seeds ?? (decision.rule === 'thesis' ? 1 : 5),
    },
  };
}

/** The default W: a trial run of three epochs still has room for all its phases. */
function shortWarmup(epochs: number): number {
  return epochs < defaultWarmupEpochs ? Math.floor(epochs / 3) : defaultWarmupEpochs;
}

function resolveDecision(decision: DecisionConfig, task: StudyConfig['task']): ResolvedDecision {
  const metrics = decision.metrics ?? defaultMetrics[task];
  const allowance = defaultAllowance(decision.rule, { metrics });
  return decision.rule === 'thesis'
    ? { ...decision, metrics, tolerance: decision.tolerance ?? allowance }
    : { ...decision, metrics, margin: decision.margin ?? allowance };
}

function withPaths(
  components: ComponentsConfig,
  at: (component: ComponentConfig) => ComponentConfig,
): ComponentsConfig {
  const { metrics, callbacks, ...single } = components;
  const entries = Object.entries(single).map(([name, its]) => [name, its && at(its)]);
  return { ...Object.fromEntries(entries), metrics: metrics.map(at), callbacks: callbacks.map(at) };
}
