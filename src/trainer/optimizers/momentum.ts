import { fusedSgd } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import type { UpdateRule } from './update-rule.ts';

const friction = 0.9;

/** v ← 0.9 v + g; w ← w − η v (PyTorch's form: the rate multiplies the velocity, so a changing rate acts at once). */
export const momentum: UpdateRule = {
  name: 'momentum',
  slots: ['velocity'],
  updateInPlace({ weight, gradient, state, rate }) {
    fusedSgd(weight, gradient, state[0], { rate, momentum: friction });
  },
};
