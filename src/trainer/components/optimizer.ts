import * as tf from '@tensorflow/tfjs-core';
import type { PureRule, UpdateInputs } from '../optimizers/update-rule.ts';
import type { Parameters } from './kinds.ts';
import { contractBroken, type Loaded } from './loaded.ts';

export interface OptimizerContext extends UpdateInputs {
  tf: typeof tf;
  parameters: Parameters;
}

/** How one weight changes in one step; pure. The rate comes from the schedule. */
export interface OptimizerDefinition {
  /** State kept for each weight: one tensor of the weight's shape per name, initially zeros. */
  slots: readonly string[];
  update(context: OptimizerContext): { weight: tf.Tensor; state: tf.Tensor[] };
}

export function defineOptimizer(definition: OptimizerDefinition) {
  return { ...definition, component: 'optimizer' as const };
}

/** Checks the rule against the contract on one small weight: shapes, states, finite values, and that it changes. */
export function openOptimizer({ where, definition, parameters }: Loaded<OptimizerDefinition>): PureRule {
  const rule: PureRule = {
    name: 'custom',
    slots: definition.slots,
    update: (inputs) => definition.update({ ...inputs, tf, parameters }),
  };
  tf.tidy(() => {
    const weight = tf.tensor2d([1, -2, 3, 4, -5, 6], [3, 2]);
    const gradient = tf.tensor2d([0.5, 0.5, -0.5, 1, -1, 0.25], [3, 2]);
    const next = rule.update({
      weight,
      gradient,
      state: rule.slots.map(() => tf.zerosLike(weight)),
      rate: 0.1,
      step: 1,
    });
    if (!(next?.weight instanceof tf.Tensor) || !Array.isArray(next.state)) {
      throw contractBroken(where, 'update must return { weight, state }, the new weight and its new memory');
    }
    if (next.state.length !== rule.slots.length) {
      throw contractBroken(
        where,
        `update returns ${next.state.length} states for ${rule.slots.length} slots; return one each`,
      );
    }
    const wrong = [next.weight, ...next.state].find(({ shape }) => shape.join() !== '3,2');
    if (wrong !== undefined) {
      throw contractBroken(where, `update turns a weight [3, 2] into [${wrong.shape.join(', ')}]; keep the shape`);
    }
    if (tf.all(tf.isFinite(next.weight)).dataSync()[0] !== 1)
      throw contractBroken(where, 'update gives weights that are not finite');
    if (tf.max(tf.abs(tf.sub(next.weight, weight))).dataSync()[0] === 0) {
      throw contractBroken(where, 'update does not change the weight; subtract a step along the gradient');
    }
  });
  return rule;
}
