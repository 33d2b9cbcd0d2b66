import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/**
 * What every rank last wrote into its file of a folder, `rank-0.json` and so on. A file that is missing, or being
 * replaced at this moment, is left out until the next look.
 */
export function readRankFiles<Schema extends z.ZodType>(folder: string, schema: Schema): z.infer<Schema>[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    try {
      return [schema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))];
    } catch {
      return [];
    }
  });
}
