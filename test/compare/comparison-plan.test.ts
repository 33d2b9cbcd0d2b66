import { comparisonKind } from '../../src/compare/comparison-kind.ts';
import { planContract } from '../engine/plans/plan-contract.ts';

planContract('comparison', () => comparisonKind(() => {}, Date.now).kind, {
  compare: { workers: [4, 18], policies: ['constant', 'greScale'], seeds: 2 },
});
