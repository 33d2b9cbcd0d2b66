import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { makeFolder } from './files/make-folder.ts';
import type { RunSpec } from './run-spec.ts';
import type { AttemptLine } from './trainer-event.ts';

/** The files of a run directory, the contract between autopilot and any trainer. All absolute when `directory` is. */
export function runDirectoryFiles(directory: string) {
  return {
    directory,
    spec: join(directory, 'run.json'),
    events: join(directory, 'events.ndjson'),
    /** Its presence asks the trainer to write a checkpoint and end. */
    stop: join(directory, 'stop'),
    checkpoints: join(directory, 'checkpoints'),
    logs: join(directory, 'logs'),
  };
}

/** `<project>/runs/<runId>`. Throws `run.name` for an id that would lead elsewhere, which no engine creates. */
export function runDirectoryOf(project: string, runId: string): string {
  if (!isFolderName(runId)) {
    throw new AutopilotError(
      'run.name',
      `The run id ${JSON.stringify(runId)} names no folder in ${join(project, 'runs')}: the store was changed by hand. Restore it from a copy.`,
    );
  }
  return join(project, 'runs', runId);
}

function isFolderName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/** Finds a run directory by its path, or by the path without its final `.` and hex digits if only one matches. */
export function findRunDirectory(path: string): string {
  const folder = dirname(path);
  if (existsSync(runDirectoryFiles(path).spec) || !existsSync(folder)) return path;
  const found = readdirSync(folder).filter(
    (name) => name.startsWith(`${basename(path)}.`) && /^[0-9a-f]{8}$/.test(name.slice(basename(path).length + 1)),
  );
  if (found.length > 1) {
    throw new AutopilotError('run.directory', `${path} may be any of ${found.join(', ')}. Name one of them.`);
  }
  return found[0] === undefined ? path : join(folder, found[0]);
}

/** Prepares a run directory for an attempt: folders, no stop request, the attempt's line, and `run.json` last. */
export function prepareRunDirectory(directory: string, spec: RunSpec, attemptName: string): void {
  const files = runDirectoryFiles(directory);
  runDirectoryWritten(directory, () => {
    makeFolder(files.checkpoints);
    makeFolder(files.logs);
    rmSync(files.stop, { force: true });
    const line: AttemptLine = { type: 'attempt', attempt: spec.attempt, name: attemptName };
    const found = statSync(files.events, { throwIfNoEntry: false });
    // A pipe left by an earlier attempt: writing would wait for a reader.
    if (found && !found.isFile()) rmSync(files.events);
    // The leading newline ends a line that a killed trainer left unfinished.
    appendFileSync(files.events, `${existsSync(files.events) ? '\n' : ''}${JSON.stringify(line)}\n`);
    writeAtomically(files.spec, `${JSON.stringify(spec, null, 2)}\n`);
  });
}

/** Does `work`, which writes to the run directory. Throws `run.directory` with the system's message and what to do. */
export function runDirectoryWritten(directory: string, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    throw new AutopilotError(
      'run.directory',
      `The run directory ${directory} cannot be written: ${messageOf(thrown)}. Check the folder's permissions and the disk's free space, then: autopilot resume`,
      { cause: thrown },
    );
  }
}

/** Asks the trainer to write a checkpoint and end. */
export function requestStop(directory: string, reason: string): void {
  writeFileSync(runDirectoryFiles(directory).stop, `${reason}\n`);
}

/** A checkpoint's path as an event names it, made absolute. */
export function checkpointPath(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

/** Readers see the old file or the new one, never half of it; the file is on disk when this returns. */
function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  // Never write through a link left there: its target does not belong to this run.
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx');
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
