import { guidelineKind } from '../../../src/engine/plans/guideline-kind.ts';
import { planContract } from './plan-contract.ts';

planContract('study with a guideline', () => guidelineKind, { baseline: { seeds: 2 } });
