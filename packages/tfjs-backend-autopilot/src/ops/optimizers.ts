import * as tf from '@tensorflow/tfjs-core';
import type { AutopilotBackend } from '../autopilot-backend.ts';
import { autopilotBackend } from '../gradients.ts';
import { grain, pieces } from '../kernels/kernel.ts';

export interface SgdStep {
  rate: number;
  /** 0 by default. */
  momentum?: number;
  nesterov?: boolean;
  /** L2 decay: the weights times this are added to the gradient. */
  decay?: number;
}

export interface AdamStep {
  rate: number;
  /** The number of this step, counted from 1. */
  step: number;
  beta1?: number;
  beta2?: number;
  eps?: number;
  /** Decoupled decay (AdamW). */
  decay?: number;
}

/**
 * v = momentum v + (g + decay w), w -= rate v (nesterov: rate (g + decay w + momentum v)), in one pass and in place.
 * Without `velocity`: w -= rate (g + decay w).
 */
export function fusedSgd(
  weights: tf.Variable,
  gradient: tf.Tensor,
  velocity: tf.Variable | undefined,
  { rate, momentum = 0, nesterov = false, decay = 0 }: SgdStep,
): void {
  const backend = autopilotBackend();
  if (!backend) {
    tf.tidy(() => {
      const g = decay === 0 ? gradient : tf.add(gradient, tf.mul(weights, decay));
      if (!velocity) return weights.assign(tf.sub(weights, tf.mul(g, rate)));
      velocity.assign(tf.add(tf.mul(velocity, momentum), g));
      const d = nesterov ? tf.add(g, tf.mul(velocity, momentum)) : velocity;
      return weights.assign(tf.sub(weights, tf.mul(d, rate)));
    });
    return;
  }
  const g = backend.address(gradient);
  const w = writable(backend, weights);
  const v = velocity ? writable(backend, velocity) : 0;
  const factors = [rate, momentum, nesterov ? 1 : 0, decay];
  backend.device.run('sgd_update', [w, g, v, weights.size, grain, ...factors, w, v], pieces(weights.size, grain));
}

/** Adam, or AdamW with `decay`: updates weights, first and second moment in place in one pass. */
export function fusedAdam(
  weights: tf.Variable,
  gradient: tf.Tensor,
  moments: { first: tf.Variable; second: tf.Variable },
  { rate, step, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0 }: AdamStep,
): void {
  const [c1, c2] = [1 - beta1 ** step, 1 - beta2 ** step];
  const backend = autopilotBackend();
  if (!backend) {
    tf.tidy(() => {
      const { first, second } = moments;
      first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
      second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const update = tf.div(tf.mul(first, rate / c1), tf.add(tf.sqrt(tf.div(second, c2)), eps));
      weights.assign(tf.sub(tf.mul(weights, 1 - rate * decay), update));
    });
    return;
  }
  const g = backend.address(gradient);
  const [w, m, v] = [weights, moments.first, moments.second].map((variable) => writable(backend, variable)) as [
    number,
    number,
    number,
  ];
  const factors = [rate, beta1, beta2, c1, c2, eps, decay];
  const args = [w, g, m, v, weights.size, grain, ...factors, w, m, v];
  backend.device.run('adam_update', args, pieces(weights.size, grain));
}

/** The address of a variable's values after making them exclusive, so that clones keep the old values. */
function writable(backend: AutopilotBackend, variable: tf.Variable): number {
  if (!backend.isExclusive(variable)) tf.tidy(() => variable.assign(tf.add(variable, 0)));
  return backend.address(variable);
}
