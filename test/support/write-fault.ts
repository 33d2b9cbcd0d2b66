import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import {
  autopilotIn,
  type DisturbedTrainer,
  disturbedProject,
  findingsIn,
  findingsOfJournal,
  oddWords,
  startWords,
  textOf,
} from './disturbed-study.ts';

export const writeErrors = ['ENOSPC', 'EIO'] as const;
export type WriteError = (typeof writeErrors)[number];

/** Compiles the library that makes writes fail (failing-writes.c) into a new folder. Null without a C compiler. */
export function failingWrites(): string | null {
  const source = fileURLToPath(new URL('../faults/failing-writes.c', import.meta.url));
  const library = join(mkdtempSync(join(tmpdir(), 'failing-writes-')), 'failing-writes.so');
  for (const compiler of ['cc', 'gcc', 'clang', 'clang-16']) {
    const made = spawnSync(compiler, ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
    if (made.status === 0) return library;
  }
  return null;
}

export interface CalmWrites {
  trainer: DisturbedTrainer;
  library: string;
  findings: unknown;
  exitCode: number | null;
  /** For every write, in order: the operation and the kind of file. */
  writes: string[];
}

/** Runs an undisturbed study and records all its writes. */
export async function calmWrites(trainer: DisturbedTrainer, library: string): Promise<CalmWrites> {
  const { project, ended, log } = await withFault({ trainer, library, at: 0, error: 'EIO' });
  const found = { findings: findingsIn(project), exitCode: ended.exitCode };
  rmSync(project, { recursive: true });
  const writes = log.map((line) =>
    line
      .replace(/^\d+ /, '')
      .replace(/\.[0-9a-f]{8}\b/g, '')
      .replace(/\d+/g, 'N'),
  );
  return { trainer, library, writes, ...found };
}

/** The number of one write of each kind, the middle one. */
export function oneOfEachKind({ writes }: CalmWrites): number[] {
  const kinds = new Map<string, number[]>();
  for (const [index, kind] of writes.entries()) kinds.set(kind, [...(kinds.get(kind) ?? []), index]);
  return [...kinds.values()].map((indexes) => indexes[indexes.length >> 1]! + 1);
}

/** `wrong`: what went wrong, null if nothing. `ended`: `late` if the study made fewer writes than `at`. */
export async function afterWriteFault(
  calm: CalmWrites,
  { at, error }: { at: number; error: WriteError },
): Promise<{ wrong: string | null; write: string; ended: 'went on' | 'resumed' | 'late' }> {
  const { project, ended: first, log } = await withFault({ ...calm, at, error });
  const write = log.find((line) => line.endsWith(' FAILED'))?.replace(/^\d+ (.*) FAILED$/, '$1') ?? '';
  const said: string[] = [`run: exit ${first.exitCode} ${first.signal ?? ''}\n${first.output}`];
  const wrong: string[] = [];
  let last = first;
  let resumes = 0;
  const odd = () => {
    const words = oddWords(last.output);
    if (words !== null) wrong.push(words);
    if (last.signal !== null) wrong.push(`ended by ${last.signal}`);
  };
  odd();
  while (last.exitCode !== calm.exitCode && resumes < 3) {
    // A study that could not be stored at all is started again.
    const none = resumes > 0 && /store\.missing|no study/i.test(last.output);
    last = await autopilotIn(project, startWords(project, !none)).ended;
    said.push(`resume: exit ${last.exitCode} ${last.signal ?? ''}\n${last.output}`);
    odd();
    resumes += 1;
  }
  if (last.exitCode !== calm.exitCode) wrong.push(`never finished`);
  else {
    if (!isDeepStrictEqual(findingsIn(project), calm.findings)) wrong.push('found something else');
    if (!isDeepStrictEqual(findingsOfJournal(project), calm.findings)) wrong.push('its journal has something else');
  }
  if (wrong.length === 0) rmSync(project, { recursive: true });
  else wrong.push(`see ${project}`, ...said);
  const ended = write === '' ? 'late' : resumes > 0 ? 'resumed' : 'went on';
  return { wrong: wrong.length === 0 ? null : wrong.join('; '), write, ended };
}

interface Fault {
  trainer: DisturbedTrainer;
  library: string;
  at: number;
  error: WriteError;
}

async function withFault({ trainer, library, at, error }: Fault) {
  const project = disturbedProject(trainer);
  const scratch = mkdtempSync(join(tmpdir(), 'write-fault-'));
  const [state, log] = [join(scratch, 'state'), join(scratch, 'log')];
  writeFileSync(state, Buffer.alloc(8));
  writeFileSync(log, '');
  const ended = await autopilotIn(project, startWords(project, false), {
    LD_PRELOAD: library,
    FAULT_UNDER: `${project}/`,
    FAULT_STATE: state,
    FAULT_LOG: log,
    FAULT_AT: `${at}`,
    FAULT_ERRNO: `${constants.errno[error]}`,
  }).ended;
  const lines = textOf(log).trimEnd().split('\n');
  rmSync(scratch, { recursive: true });
  return { project, ended, log: lines };
}
