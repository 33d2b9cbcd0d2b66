import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';

/** Maximum bytes of a rank's file, and maximum number of files: a rank writes a few numbers. */
const mostBytes = 2 ** 16;
const mostFiles = 100_000;

/**
 * What every rank last wrote to its file in the folder, `rank-0.json` and so on. Unreadable files,
 * such as one that is being replaced, are left out.
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
      // Reading a pipe could block forever.
      if (!found.isFile() || found.size > mostBytes) return [];
      return [schema.parse(JSON.parse(readFileSync(path, 'utf8')))];
    } catch {
      return [];
    }
  });
}
