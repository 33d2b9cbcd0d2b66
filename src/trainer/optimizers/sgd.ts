import { fusedSgd } from '../../../packages/tfjs-backend-autopilot/src/index.ts';
import type { UpdateRule } from './update-rule.ts';

/** w ← w − η g */
export const sgd: UpdateRule = {
  name: 'sgd',
  slots: [],
  updateInPlace: ({ weight, gradient, rate }) => fusedSgd(weight, gradient, undefined, { rate }),
};
