import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerName } from '../../domain/setting.ts';
import { adam } from './adam.ts';
import { lars } from './lars.ts';
import { momentum } from './momentum.ts';
import { sgd } from './sgd.ts';
import type { UpdateRule } from './update-rule.ts';

export const updateRules: Record<OptimizerName, UpdateRule> = { sgd, momentum, adam, lars };

/** An update rule with its memory of every weight. */
export function optimizerFor(name: OptimizerName, weights: readonly tf.Variable[]) {
  const rule = updateRules[name];
  const memory = weights.map((weight) => rule.slots.map(() => tf.variable(tf.zerosLike(weight), false)));
  return {
    /** Everything it remembers, in a fixed order: for checkpoints. */
    state: memory.flat(),
    /** gradients: one per weight. `step` is 1-based. */
    apply(gradients: readonly tf.Tensor[], { rate, step }: { rate: number; step: number }): void {
      tf.tidy(() => {
        weights.forEach((weight, index) => {
          const state = memory[index]!;
          const next = rule.update({ weight, gradient: gradients[index]!, state, rate, step });
          weight.assign(next.weight);
          next.state.forEach((value, slot) => {
            state[slot]!.assign(value);
          });
        });
      });
    },
    dispose: () => tf.dispose(memory.flat()),
  };
}
