import { fusedAdam } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import type { UpdateRule } from './update-rule.ts';

const constants = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − η m̂ / (√v̂ + ε), with bias-corrected m̂ and v̂ (Kingma and Ba 2015). */
export const adam: UpdateRule = {
  name: 'adam',
  slots: ['mean', 'square'],
  updateInPlace({ weight, gradient, state, rate, step }) {
    fusedAdam(weight, gradient, { first: state[0]!, second: state[1]! }, { ...constants, rate, step });
  },
};
