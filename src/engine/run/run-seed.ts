import { createHash } from 'node:crypto';

/** A run's seed, 0 ≤ seed < 2³¹, derived from the study's seed and the run's key: a resumed study gets the same one. */
export function runSeed(studySeed: number, key: string): number {
  return createHash('sha256').update(`${studySeed}/${key}`).digest().readUInt32BE(0) >>> 1;
}
