import { basename } from 'node:path';
import * as z from 'zod';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';
import type { ToldResult } from './tell-study.ts';

/** Fields of a setting by which a row may identify its run, instead of by key. */
export const settingColumns = [
  'initialLr',
  'decayCoefficient',
  'warmupEpochs',
  'decayEpochs',
  'optimizer',
  'epochs',
] as const;

const row = z.strictObject({
  run: z.string().min(1).optional(),
  action: z.string().min(1).optional(),
  setting: z
    .strictObject({
      initialLr: z.number().optional(),
      decayCoefficient: z.number().optional(),
      warmupEpochs: z.number().optional(),
      decayEpochs: z.number().optional(),
      optimizer: z.string().optional(),
      epochs: z.number().optional(),
    })
    .optional(),
  metrics: z.record(z.string(), z.number()).optional(),
  diverged: z.string().min(1).optional(),
});
type Row = z.infer<typeof row>;

/** One earlier run: what identifies it, and its result. */
export interface ToldRun {
  /** Its place in the file, for messages: `runs.csv, row 3`. */
  where: string;
  run?: string | undefined;
  action?: string | undefined;
  setting: NonNullable<Row['setting']>;
  result: ToldResult;
}

/** Reads earlier runs from a CSV file with a header, or a JSON file with a list (docs/cli.md). */
export function readToldRuns(path: string): ToldRun[] {
  const file = basename(path);
  const text = readText(path);
  const found = /\.json$/i.test(path) ? jsonRows(text, file) : csvRows(text, file);
  if (found.length === 0) throw invalid(`${file} has no rows. Write one per run, in the order they were trained.`);
  return found.map((value, index) => toldRun(value, `${file}, row ${index + 1}`));
}

function toldRun(value: unknown, where: string): ToldRun {
  const parsed = row.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${where}: ${issue?.path.join('.') || 'the row'}: ${issue?.message}.`);
  }
  const { run, action, setting = {}, metrics, diverged } = parsed.data;
  if (run === undefined && action === undefined && Object.keys(setting).length === 0) {
    throw invalid(
      `${where}: run is missing. Name the run by its key (autopilot ask prints it), its action or its setting.`,
    );
  }
  const hasMetrics = metrics !== undefined && Object.keys(metrics).length > 0;
  if (hasMetrics === (diverged !== undefined)) {
    throw invalid(`${where}: metrics: give either the run's metrics or, in "diverged", why it has none.`);
  }
  return { where, run, action, setting, result: diverged === undefined ? { metrics: metrics ?? {} } : { diverged } };
}

function jsonRows(text: string, file: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch (thrown) {
    throw invalid(`${file} is not JSON: ${messageOf(thrown)}.`);
  }
  throw invalid(`${file} must be a list: [{"run": "baseline-1", "metrics": {"dice": 0.81}}, …].`);
}

/** Columns: `run`, `action`, `diverged` and the setting's fields; others are metrics. Empty cells count as absent. */
function csvRows(text: string, file: string): unknown[] {
  const [header = [], ...lines] = csvCells(text);
  return lines.map((cells, index) => {
    const where = `${file}, row ${index + 1}`;
    if (cells.length > header.length) {
      throw invalid(`${where}: ${cells.length} cells for ${header.length} columns. Quote cells that contain commas.`);
    }
    const result: Record<string, unknown> = {};
    const setting: Record<string, unknown> = {};
    const metrics: Record<string, number> = {};
    for (const [column, name] of header.entries()) {
      const cell = cells[column] ?? '';
      if (cell === '') continue;
      if (['run', 'action', 'diverged'].includes(name)) result[name] = cell;
      else if (name === 'optimizer') setting[name] = cell;
      else {
        const number = Number(cell);
        if (Number.isNaN(number)) throw invalid(`${where}: ${name}: "${cell}" is not a number.`);
        if (settingColumns.some((known) => known === name)) setting[name] = number;
        else metrics[name] = number;
      }
    }
    return { ...result, setting, metrics };
  });
}

/** RFC 4180: commas, quoted cells with doubled quotes, lines that end in LF or CRLF; empty lines are left out. */
function csvCells(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted, plain = '', end] of text
    .replace(/^\uFEFF/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === ',') continue;
    if (cells.some((cell) => cell !== '')) lines.push(cells);
    cells = [];
  }
  return lines;
}

function readText(path: string): string {
  try {
    return readPlainText(path);
  } catch (thrown) {
    throw new AutopilotError('tell.file', `--file ${path} cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

function invalid(message: string): AutopilotError {
  return new AutopilotError('tell.file', `${message} Nothing was stored.`);
}
