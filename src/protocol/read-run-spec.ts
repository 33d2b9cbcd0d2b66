import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ScheduleSpec } from '../../schedules/spec.ts';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { runDirectoryFiles } from './run-directory.ts';
import { type RunSpec, runSpec } from './run-spec.ts';

/** Reads a run directory's `run.json`, its schedule ready for `scheduleFrom`. Throws `run.spec` if a field is wrong. */
export function readRunSpec(directory: string): Omit<RunSpec, 'schedule'> & { schedule: ScheduleSpec } {
  const path = runDirectoryFiles(directory).spec;
  try {
    const spec = runSpec.parse(JSON.parse(readFileSync(path, 'utf8')));
    // The writer built it from a ScheduleSpec; `scheduleFrom` refuses impossible values.
    return { ...spec, schedule: spec.schedule as unknown as ScheduleSpec };
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown);
    throw new AutopilotError('run.spec', `${path} cannot be used: ${reason}`, { cause: thrown });
  }
}
