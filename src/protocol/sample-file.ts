import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { makeFolder } from './files/make-folder.ts';
import { readRankFiles } from './rank-files.ts';

/** Not below 0, and small enough to represent whole numbers exactly. */
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional();

/** The fields of a `sample` event: what a rank measured about itself. */
export const sampleFields = {
  rank: z.int().min(0).max(1_000_000),
  cpuPercent: amount.describe('Processor use, percent of one core.'),
  memoryBytes: amount.describe('Resident memory.'),
  stepsPerSecond: amount.describe('Optimizer steps per second.'),
  networkReceiveBytes: amount.describe('Received by its host since the previous sample.'),
  networkTransmitBytes: amount.describe('Sent by its host since the previous sample.'),
  gpuPercent: amount.describe('GPU use, percent.'),
  gpuMemoryBytes: amount.describe('GPU memory in use.'),
};

/** What a rank other than 0 last measured about itself. */
export const rankSample = z.object({ timeMs: z.number().min(0).max(8.64e15), ...sampleFields });

export type RankSample = z.infer<typeof rankSample>;

/**
 * The folder where ranks other than 0 leave their samples, one file per rank that every sample replaces: several hosts
 * that append to one file lose lines.
 */
export function sampleDirectory(runDirectory: string, attempt: string): string {
  return join(runDirectory, 'samples', attempt);
}

/** Replaces a rank's sample. */
export function writeRankSample(directory: string, sample: RankSample): void {
  makeFolder(directory);
  const path = join(directory, `rank-${sample.rank}.json`);
  writeFileSync(`${path}.tmp`, JSON.stringify(sample));
  renameSync(`${path}.tmp`, path);
}

/** Every rank's newest sample. */
export function readRankSamples(directory: string): RankSample[] {
  return readRankFiles(directory, rankSample);
}
