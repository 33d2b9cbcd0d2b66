import { existsSync, statSync } from 'node:fs';
import { addRow, linesOf, metrics, type Rows, readStudyEvent, type SealedRow } from '../../../db/journal/repair.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import { readRunSpec } from '../../protocol/read-run-spec.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import type { RunSpec } from '../../protocol/run-spec.ts';

/** A run directory and its `run.json`. */
export interface FoundRun {
  directory: string;
  spec: Omit<RunSpec, 'schedule'>;
}

/** Reads a run directory's `run.json`; null if there is none, or it cannot be read. */
export function foundRun(directory: string): FoundRun | null {
  try {
    return { directory, spec: readRunSpec(directory) };
  } catch {
    return null;
  }
}

/**
 * Recreates a run's rows from its directory, with its result if the event log has one. Otherwise its last attempt is
 * left open, as a killed engine leaves it: `resume` reads what its trainer wrote and judges it.
 */
export function adoptRun(rows: Rows, { directory, spec }: FoundRun): void {
  const createdMs = Math.round(statSync(directory).birthtimeMs);
  const result = resultOf(rows, spec);
  addRow(rows, 'run', {
    id: spec.runId,
    study_id: spec.studyId,
    key: spec.key,
    kind: spec.kind,
    ...numbersOf(spec),
    workers: spec.workers,
    seed: spec.seed,
    setting: JSON.stringify(spec.setting),
    origin: 'trained',
    simulated: spec.trainer.kind === 'simulated' ? 1 : 0,
    state: result?.state ?? 'stopped',
    reason: result?.reason ?? null,
    metrics: result?.metrics ?? null,
    created_ms: createdMs,
    started_ms: createdMs,
    ended_ms: result?.timeMs ?? null,
  });
  const attempts = attemptsIn(directory);
  for (const [index, { name, number, secret }] of attempts.entries()) {
    const last = index === attempts.length - 1;
    const ended = result !== null || !last;
    addRow(rows, 'attempt', {
      name,
      run_id: spec.runId,
      number,
      launcher: 'local',
      secret,
      state: ended ? 'ended' : 'running',
      exit_reason: !ended ? null : last ? (result?.state ?? null) : 'gone',
      created_ms: createdMs,
      started_ms: createdMs,
      ended_ms: ended ? (result?.timeMs ?? createdMs) : null,
    });
  }
}

/** Reopens a run whose row has a result that the event log lacks, so that its last attempt is judged again. */
export function reopenRun(rows: Rows, run: SealedRow): void {
  addRow(rows, 'run', { ...run, state: 'stopped', reason: null, metrics: null, ended_ms: null });
  const own = [...(rows.get('attempt')?.values() ?? [])].filter((attempt) => attempt.run_id === run.id);
  const last = own.sort((a, b) => Number(a.number) - Number(b.number)).at(-1);
  if (last)
    addRow(rows, 'attempt', { ...last, state: 'running', exit_reason: null, exit_message: null, ended_ms: null });
}

/** `iteration-3` and `validation-3-2` belong to iteration 3; in other keys a final number is the repeat. */
function numbersOf({ key, kind }: Pick<RunSpec, 'key' | 'kind'>): { iteration: number | null; repeat: number } {
  const [, first, second] = /^(?:iteration|validation)-(\d+)(?:-(\d+))?$/.exec(key) ?? [];
  if (kind !== 'baseline' && first !== undefined) return { iteration: Number(first), repeat: Number(second ?? 1) };
  return { iteration: null, repeat: Math.max(1, Number(/-(\d+)$/.exec(key)?.[1] ?? 1)) };
}

interface Result {
  state: 'finished' | 'diverged';
  reason: string | null;
  metrics: string | null;
  timeMs: number;
}

/** The run's result according to the event log. */
export function resultOf(rows: Rows, { studyId, key }: Pick<RunSpec, 'studyId' | 'key'>): Result | null {
  for (const { study_id: study, type, run_key: of, payload, time_ms: time } of rows.get('event')?.values() ?? []) {
    if (study !== studyId || of !== key || (type !== 'run.finished' && type !== 'run.diverged')) continue;
    const event = readStudyEvent(type, JSON.parse(String(payload)));
    const timeMs = Number(time);
    if (event.type === 'run.diverged')
      return { state: 'diverged', reason: event.reason, metrics: encode(event.metrics), timeMs };
    if (event.type === 'run.finished')
      return { state: 'finished', reason: null, metrics: encode(event.metrics), timeMs };
  }
  return null;
}

function encode(values: Metrics | null): string | null {
  return metrics.encode(values)?.toString() ?? null;
}

interface FoundAttempt {
  name: string;
  number: number;
  /** Read from the first line its trainer signed, since the record of its launch is lost. */
  secret: string | null;
}

function attemptsIn(directory: string): FoundAttempt[] {
  const { events } = runDirectoryFiles(directory);
  if (!existsSync(events) || !statSync(events).isFile()) return [];
  const found: FoundAttempt[] = [];
  for (const line of linesOf(events)) {
    const { type, name, attempt, secret } = parsed(line);
    if (type === 'attempt' && typeof name === 'string' && typeof attempt === 'number')
      found.push({ name, number: attempt, secret: null });
    const last = found.at(-1);
    if (last && last.secret === null && typeof secret === 'string') last.secret = secret;
  }
  return found;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
