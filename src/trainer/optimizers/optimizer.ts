import * as tf from '@tensorflow/tfjs-core';
import { AutopilotError } from '../../domain/errors.ts';
import type { OptimizerName } from '../../domain/setting.ts';
import { adam } from './adam.ts';
import { lars } from './lars.ts';
import { momentum } from './momentum.ts';
import { sgd } from './sgd.ts';
import type { UpdateRule } from './update-rule.ts';

/** The trainer's own rules; `custom` comes from a module. */
export const updateRules: Record<Exclude<OptimizerName, 'custom'>, UpdateRule> = { sgd, momentum, adam, lars };

export function updateRuleNamed(name: OptimizerName): UpdateRule {
  if (name !== 'custom') return updateRules[name];
  throw new AutopilotError(
    'component.missing',
    'setting.optimizer is custom, but components.optimizer names no module; add it, or choose sgd, momentum, adam or lars.',
  );
}

/** An update rule with its state for every weight. */
export function optimizerFor(rule: UpdateRule, weights: readonly tf.Variable[]) {
  const memory = weights.map((weight) => rule.slots.map(() => tf.variable(tf.zerosLike(weight), false)));
  return {
    /** The whole state in a fixed order, for checkpoints. */
    state: memory.flat(),
    /** gradients: one per weight. `step` is 1-based. */
    apply(gradients: readonly tf.Tensor[], { rate, step }: { rate: number; step: number }): void {
      tf.tidy(() => {
        weights.forEach((weight, index) => {
          const state = memory[index]!;
          const inputs = { weight, gradient: gradients[index]!, state, rate, step };
          if ('updateInPlace' in rule) {
            rule.updateInPlace(inputs);
            return;
          }
          const next = rule.update(inputs);
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
