import { parse } from 'yaml';
import type * as z from 'zod';
import { resolveGuideline, shippedGuidelines } from '../../../machines/guideline/index.ts';
import { guidelineConfig } from '../../config/sections/guideline.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import type { Guideline } from '../../domain/guideline.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';
import { type ReplayTable, replayTable } from './table.ts';

/** Reads a table; every problem names the file, the field and the fix. */
export function readReplayTable(path: string): ReplayTable {
  const table = checked(path, replayTable, readData(path));
  const primary = table.metrics[0]!;
  if (typeof table.baseline[primary] !== 'number') {
    throw new AutopilotError(
      'replay.table',
      `${path}: baseline.${primary} is missing, and "${primary}" is the metric to decide on. Add it, or name another metric first in "metrics".`,
    );
  }
  for (const [name, value] of tableValues(table)) {
    if (value < 0 || value > 1) {
      throw new AutopilotError(
        'replay.table',
        `${path}: ${name} is ${value}; metrics are fractions in 0..1 (81.32 % is 0.8132).`,
      );
    }
  }
  return table;
}

/** A shipped guideline by name, or one from a YAML or JSON file. */
export function readGuideline(nameOrPath: string): Guideline {
  if (Object.hasOwn(shippedGuidelines, nameOrPath)) return resolveGuideline(nameOrPath);
  if (!/[./\\]/.test(nameOrPath)) return resolveGuideline(nameOrPath);
  return resolveGuideline(checked(nameOrPath, guidelineConfig, readData(nameOrPath)));
}

function readData(path: string): unknown {
  let text: string;
  try {
    text = readPlainText(path);
  } catch (cause) {
    throw new AutopilotError('replay.file', `Cannot read ${path}: ${messageOf(cause)}. Check the path.`, { cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    throw new AutopilotError('replay.file', `${path} is neither JSON nor YAML: ${messageOf(cause)}`, { cause });
  }
}

function checked<T>(path: string, schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const got = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], data);
    const shown = got === undefined ? '' : ` (got ${JSON.stringify(got)?.slice(0, 80)})`;
    return `${path}: ${issue.path.join('.') || 'file'}: ${issue.message}${shown}`;
  });
  throw new AutopilotError('replay.table', lines.join('\n'));
}

function* tableValues({ metrics, baseline, iterations }: ReplayTable): Generator<[string, number]> {
  for (const metric of metrics) {
    const value = baseline[metric];
    if (typeof value === 'number') yield [`baseline.${metric}`, value];
    for (const [i, row] of iterations.entries()) {
      const cell = row.metrics?.[metric];
      if (typeof cell === 'number') yield [`iterations.${i}.metrics.${metric}`, cell];
    }
  }
}
