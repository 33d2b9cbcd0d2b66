import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ComponentsConfig } from '../../config/sections/components.ts';
import type { DataConfig } from '../../config/sections/data.ts';
import type { ModelConfig } from '../../config/sections/model.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { OptimizerName } from '../../domain/setting.ts';
import type { Task } from '../../domain/task.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadData } from '../data/load-data.ts';
import { type Loss, lossNamed } from '../losses.ts';
import { buildModel, mixesSamples } from '../models/build-model.ts';
import { updateRuleNamed } from '../optimizers/optimizer.ts';
import type { UpdateRule } from '../optimizers/update-rule.ts';
import { openStrategy, startedRanks } from '../strategy/open-strategy.ts';
import type { DistributionStrategy } from '../strategy/strategy.ts';
import { openArchitecture } from './architecture.ts';
import { openDataset } from './dataset.ts';
import { type LoadedComponents, loadComponents } from './load-components.ts';
import { openLoss } from './loss.ts';
import { type OpenMetric, openMetric } from './metric.ts';
import { type ModuleWatch, nobodyWatches } from './module-watch.ts';
import { openOptimizer } from './optimizer.ts';
import { openCustomStrategy } from './strategy.ts';

/** The parts of the training program that the config selects, as stored in `run.json`. */
export interface Composition {
  task: Task;
  components: ComponentsConfig;
  model: ModelConfig;
  data: DataConfig;
  loss: string;
  strategy: string;
  workers: number;
  seed: number;
  setting: { optimizer: OptimizerName };
  compute: { shards: 'fused' | 'exact' };
}

/** The composed training program (thesis Figure 4.3). The compute back end is chosen beforehand. */
export interface ComposedTraining {
  dataset: Dataset;
  model: LayersModel;
  loss: Loss;
  optimizer: UpdateRule;
  metrics: OpenMetric[];
  strategy: DistributionStrategy;
  callbacks: LoadedComponents['callbacks'];
  /** True when model and loss are the trainer's own: what a step computes then depends on slices and weights alone. */
  replay: boolean;
}

/** Chooses each part, the trainer's own or the study's module, and checks the modules against their contracts. */
export async function composeTraining(
  composition: Composition,
  watch: ModuleWatch = nobodyWatches,
): Promise<ComposedTraining> {
  const { task, model: modelConfig, seed, workers } = composition;
  const loaded = await loadComponents(composition.components, watch);
  const next: Announce = (part, method) => {
    watch.calling(part.where, method);
    return part;
  };
  const dataset =
    loaded.dataset === null ? loadData(composition.data) : await openDataset(next(loaded.dataset, 'load'), task);
  requireTask(dataset, task);
  const model =
    loaded.architecture === null
      ? buildModel(modelConfig, dataset, seed)
      : openArchitecture(next(loaded.architecture, 'build'), dataset, seed);
  const optimizer = optimizerOf(composition, loaded, next);
  const loss = loaded.loss === null ? lossNamed(composition.loss) : openLoss(next(loaded.loss, 'loss'), dataset);
  const metrics = loaded.metrics.map((metric) => openMetric(next(metric, 'count'), dataset));
  const mixes =
    loaded.architecture === null ? mixesSamples(modelConfig) : loaded.architecture.definition.mixesImages === true;
  const strategy =
    loaded.strategy === null
      ? await openStrategy({
          workers,
          shards: composition.compute.shards,
          mixesSamples: mixes,
          strategy: composition.strategy,
        })
      : await openCustomStrategy(next(loaded.strategy, 'average'), { workers, ranks: startedRanks() !== null });
  const replay = loaded.architecture === null && loaded.loss === null;
  return { dataset, model, loss, optimizer, metrics, strategy, callbacks: loaded.callbacks, replay };
}

/** Returns the part after telling the watch which of its methods is called next. */
type Announce = <Part extends { where: string }>(part: Part, method: string) => Part;

function optimizerOf({ setting }: Composition, loaded: LoadedComponents, next: Announce): UpdateRule {
  const { optimizer } = setting;
  return optimizer === 'custom' && loaded.optimizer !== null
    ? openOptimizer(next(loaded.optimizer, 'update'))
    : updateRuleNamed(optimizer);
}

function requireTask(dataset: Dataset, task: Task): void {
  const its = dataset.task ?? 'segmentation';
  if (its === task) return;
  throw new AutopilotError(
    'data.task',
    `task is ${task}, but the data "${dataset.name}" are labelled for ${its}. Set "task: ${its}", or name other data.`,
  );
}
