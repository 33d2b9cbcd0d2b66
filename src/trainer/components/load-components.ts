import type { ComponentConfig, ComponentsConfig } from '../../config/sections/components.ts';
import type { ArchitectureDefinition } from './architecture.ts';
import { type CallbackDefinition, checkCallback } from './callback.ts';
import type { DatasetDefinition } from './dataset.ts';
import type { ComponentKind } from './kinds.ts';
import { loadModule } from './load-module.ts';
import type { Loaded } from './loaded.ts';
import type { LossDefinition } from './loss.ts';
import type { MetricDefinition } from './metric.ts';
import { type ModuleWatch, nobodyWatches } from './module-watch.ts';
import type { OptimizerDefinition } from './optimizer.ts';
import type { StrategyDefinition } from './strategy.ts';

/** The loaded modules of a study; null where the trainer's own part is used. */
export interface LoadedComponents {
  architecture: Loaded<ArchitectureDefinition> | null;
  dataset: Loaded<DatasetDefinition> | null;
  loss: Loaded<LossDefinition> | null;
  optimizer: Loaded<OptimizerDefinition> | null;
  strategy: Loaded<StrategyDefinition> | null;
  metrics: Loaded<MetricDefinition>[];
  callbacks: Loaded<CallbackDefinition>[];
}

/** Imports a study's modules; `watch` is told of each one beforehand. */
export async function loadComponents(
  config: ComponentsConfig,
  watch: ModuleWatch = nobodyWatches,
): Promise<LoadedComponents> {
  const load = <Definition>(field: string, kind: ComponentKind, its: ComponentConfig) => {
    watch.importing(`${field} (${its.module})`);
    return loadModule<Definition>({ field, kind, config: its });
  };
  const one = async <Definition>(kind: Exclude<ComponentKind, 'metric' | 'callback'>) => {
    const its = config[kind];
    return its === undefined ? null : load<Definition>(`components.${kind}`, kind, its);
  };
  const many = async <Definition>(kind: 'metric' | 'callback', list: readonly ComponentConfig[]) => {
    const loaded: Loaded<Definition>[] = [];
    for (const [index, its] of list.entries()) {
      loaded.push(await load<Definition>(`components.${kind}s[${index}]`, kind, its));
    }
    return loaded;
  };
  const callbacks = await many<CallbackDefinition>('callback', config.callbacks);
  callbacks.forEach(checkCallback);
  const loaded = {
    architecture: await one<ArchitectureDefinition>('architecture'),
    dataset: await one<DatasetDefinition>('dataset'),
    loss: await one<LossDefinition>('loss'),
    optimizer: await one<OptimizerDefinition>('optimizer'),
    strategy: await one<StrategyDefinition>('strategy'),
    metrics: await many<MetricDefinition>('metric', config.metrics),
    callbacks,
  };
  watch.imported();
  return loaded;
}
