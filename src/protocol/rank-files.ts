import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';

/** Bytes of a rank's file, and files, at most: a rank writes a few numbers. */
const mostBytes = 2 ** 16;
const mostFiles = 100_000;

/**
 * What every rank last wrote into its file of a folder, `rank-0.json` and so on. A file that is missing, or being
 * replaced at this moment, is left out until the next look.
 */
export function readRankFiles<Schema extends z.ZodType>(folder: string, schema: Schema): z.infer<Schema>[] {
  let files: string[];
  try {
    files = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .slice(0, mostFiles);
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    try {
      const path = join(folder, file);
      const found = statSync(path);
      // A pipe would be waited for without end.
      if (!found.isFile() || found.size > mostBytes) return [];
      return [schema.parse(JSON.parse(readFileSync(path, 'utf8')))];
    } catch {
      return [];
    }
  });
}
