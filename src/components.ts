/**
 * Helpers for writing a module of your own: one `define…()` per part of the trainer. See docs/components.md.
 *
 * ```ts
 * import { defineLoss } from 'grescale-autopilot/components';
 *
 * export default defineLoss({ loss: ({ tf, scores, labels }) => tf.mean(tf.squaredDifference(tf.softmax(scores), labels)) });
 * ```
 */

export {
  type ArchitectureContext,
  type ArchitectureDefinition,
  defineArchitecture,
} from './trainer/components/architecture.ts';
export {
  type CallbackDefinition,
  type CallbackRun,
  defineCallback,
  type EpochFacts,
} from './trainer/components/callback.ts';
export { type DatasetContext, type DatasetDefinition, defineDataset } from './trainer/components/dataset.ts';
export { defineLoss, type LossContext, type LossDefinition } from './trainer/components/loss.ts';
export { defineMetric, type MetricDefinition, type MetricImage } from './trainer/components/metric.ts';
export { defineOptimizer, type OptimizerContext, type OptimizerDefinition } from './trainer/components/optimizer.ts';
export { defineStrategy, type StrategyContext, type StrategyDefinition } from './trainer/components/strategy.ts';
export type { Dataset, DatasetShape, Split } from './trainer/data/dataset.ts';
