import { createHash } from 'node:crypto';

/** A run's own seed, 0 ≤ seed < 2³¹: from the study's seed and the run's key, so a resumed study draws the same. */
export function runSeed(studySeed: number, key: string): number {
  return createHash('sha256').update(`${studySeed}/${key}`).digest().readUInt32BE(0) >>> 1;
}
