import type { EpochRecord } from '../../../db/index.ts';
import { noiseScale } from '../../domain/noise-scale.ts';

export interface PhaseNoise {
  /** Null where the trainer names none. */
  phase: string | null;
  /** Median over the epochs that have one, in samples; single epochs scatter by a factor of 3. */
  scale: number;
}

/** The gradient noise scale in each phase of a run, in the order of the phases; empty where it was not measured. */
export function noiseByPhase(epochs: readonly Pick<EpochRecord, 'phase' | 'measured'>[]): PhaseNoise[] {
  const scales = new Map<string | null, number[]>();
  for (const { phase, measured } of epochs) {
    const scale = measured?.gradientNoise === undefined ? null : noiseScale(measured.gradientNoise);
    if (scale !== null) scales.set(phase, [...(scales.get(phase) ?? []), scale]);
  }
  return [...scales].map(([phase, all]) => ({ phase, scale: all.sort((a, b) => a - b)[all.length >> 1]! }));
}
