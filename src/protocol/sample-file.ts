import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a rank other than 0 last measured of itself: the fields of a `sample` event. */
export const rankSample = z.object({
  rank: z.int().min(0),
  timeMs: z.number(),
  cpuPercent: z.number().optional(),
  memoryBytes: z.number().optional(),
  stepsPerSecond: z.number().optional(),
  networkReceiveBytes: z.number().optional(),
  networkTransmitBytes: z.number().optional(),
  gpuPercent: z.number().optional(),
  gpuMemoryBytes: z.number().optional(),
});

export type RankSample = z.infer<typeof rankSample>;

/**
 * The folder where ranks other than 0 leave their samples, one file each that every sample replaces: several hosts
 * that append to one file lose lines.
 */
export function sampleDirectory(runDirectory: string, attempt: string): string {
  return join(runDirectory, 'samples', attempt);
}

/** Replaces a rank's sample. */
export function writeRankSample(directory: string, sample: RankSample): void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `rank-${sample.rank}.json`);
  writeFileSync(`${path}.tmp`, JSON.stringify(sample));
  renameSync(`${path}.tmp`, path);
}

/** Every rank's newest sample; what cannot be read is left out until the next look. */
export function readRankSamples(directory: string): RankSample[] {
  let files: string[];
  try {
    files = readdirSync(directory).filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    try {
      const read = rankSample.safeParse(JSON.parse(readFileSync(join(directory, file), 'utf8')));
      return read.success ? [read.data] : [];
    } catch {
      return [];
    }
  });
}
