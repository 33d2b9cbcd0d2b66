export { runsAhead } from './ahead.ts';
export type { GuidelineContext } from './context.ts';
export { guidelineHash, resolveGuideline, shippedGuidelines } from './guidelines/index.ts';
export type { GuidelineInput } from './input.ts';
export { guidelineMachine } from './machine.ts';
export {
  bestIteration,
  currentSetting,
  decisions,
  describeNext,
  iterations,
  outcome,
  pendingRuns,
  stateName,
} from './selectors.ts';
export { advance, type GuidelineState, restore, type SavedGuidelineState, save, start } from './state.ts';
export { actionLabel, actionText, changePhrase, fieldText, isFieldOf, speedUpText } from './words/words.ts';
