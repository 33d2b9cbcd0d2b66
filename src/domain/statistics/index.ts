export { commonSpread, digamma, moderatedComparison, moderatedSpread, type SpreadPrior } from './moderated.ts';
export { normalCdf, normalQuantile, normalSurvival } from './normal.ts';
export {
  momentsOf,
  type SampleMoments,
  sampleMean,
  sampleVariance,
  type WelchDifference,
  welchDifference,
} from './sample.ts';
export { nominalLevels } from './sequential.ts';
export { incompleteBeta, logGamma, studentTCdf, studentTQuantile } from './student-t.ts';
