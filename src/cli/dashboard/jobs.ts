import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, lstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { lastLines } from '../../dashboard/log-tail.ts';
import type { Job, JobRequest } from '../../dashboard/work.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { printable } from '../../domain/text/printable.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { ownProgram } from '../../protocol/own-program.ts';

/** Maximum number of commands run concurrently. */
const mostRunning = 4;
/** Maximum number of ended jobs listed, and of log lines and pictures shown for each. */
const kept = { jobs: 50, lines: 60, pictures: 60 };

/** The command of a job, built for its folder. `pictures`: the folder that it draws into. */
export interface JobCommand {
  title: string;
  args: string[];
  pictures: string | null;
}

interface Started {
  job: Omit<Job, 'log' | 'logBytes' | 'pictures'>;
  child: ChildProcess;
  logFile: string;
  pictures: string | null;
}

/** Runs commands of this program in their own processes, each with a folder `PROJECT/page-jobs/ID` for its output. */
export function pageJobs(project: string) {
  const started = new Map<string, Started>();
  const shown = (one: Started, seenBytes?: number): Job => {
    const logBytes = statSync(one.logFile, { throwIfNoEntry: false })?.size ?? 0;
    const log = logBytes === seenBytes ? null : logOf(one.logFile);
    return { ...one.job, log, logBytes, pictures: picturesIn(one.pictures) };
  };

  return {
    /** `seen`: by job, the size in bytes of the log that the caller has; a log that has not changed is null. */
    list: (seen: ReadonlyMap<string, number> = new Map()) =>
      [...started.values()].reverse().map((one) => shown(one, seen.get(one.job.id))),
    start(request: JobRequest, commandFor: (folder: string) => JobCommand): Job {
      const running = [...started.values()].filter(({ job }) => job.state === 'running').length;
      if (running >= mostRunning) {
        throw new AutopilotError(
          'work.busy',
          `${running === 1 ? '1 job is' : `${running} jobs are`} running; wait for ${running === 1 ? 'it' : 'one of them'}, or stop it.`,
        );
      }
      const id = `${Date.now().toString(36)}-${started.size}`;
      const folder = join(project, 'page-jobs', id);
      makeFolder(folder);
      const { title, args, pictures } = commandIn(folder, commandFor);
      const logFile = join(folder, 'output.log');
      const log = openSync(logFile, 'wx', 0o600);
      const [program = process.execPath, ...own] = ownProgram('cli/main');
      const child = spawn(program, [...own, ...args], {
        cwd: project,
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
      });
      closeSync(log);
      child.unref();
      const times = { startedMs: Date.now(), endedMs: null };
      const one: Started = {
        job: { id, title, request, state: 'running', exitCode: null, ...times },
        child,
        logFile,
        pictures,
      };
      const end = (exitCode: number | null, failed: boolean) => {
        const { job } = one;
        if (job.endedMs !== null) return;
        // 3: a study that ended properly, but without "no loss".
        const done = !failed && (exitCode === 0 || (request.kind === 'study' && exitCode === 3));
        const state = done ? 'done' : job.state === 'stopped' || exitCode === 130 ? 'stopped' : 'failed';
        Object.assign(job, { exitCode, endedMs: Date.now(), state });
      };
      child.on('error', () => end(null, true));
      child.on('exit', (code) => end(code, code === null));
      started.set(id, one);
      for (const old of [...started.values()].filter(({ job }) => job.endedMs !== null).slice(0, -kept.jobs))
        started.delete(old.job.id);
      return shown(one);
    },
    /** The path of a picture that a job drew; null for anything else. */
    picture(id: string, name: string): string | null {
      const pictures = started.get(id)?.pictures ?? null;
      return pictures !== null && picturesIn(pictures).includes(name) ? join(pictures, name) : null;
    },
    stop(id: string): void {
      const one = started.get(id);
      if (one === undefined) throw new AutopilotError('work.unknown', `This page has no job ${id}.`);
      if (one.job.endedMs !== null || one.child.pid === undefined) return;
      one.job.state = 'stopped';
      process.kill(one.child.pid, 'SIGINT');
    },
    /** Stops the commands; studies continue. */
    close(): void {
      for (const { job, child } of started.values()) {
        const isStudy = job.request.kind === 'study';
        if (!isStudy && job.endedMs === null && child.pid !== undefined) process.kill(child.pid, 'SIGTERM');
      }
    },
  };
}

/** Builds a job's command; if it is refused, removes the job's folder. */
function commandIn(folder: string, commandFor: (folder: string) => JobCommand): JobCommand {
  try {
    return commandFor(folder);
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    throw thrown;
  }
}

function logOf(file: string): string[] {
  const lines = lastLines(file).map((line) => printable(stripVTControlCharacters(line.trimEnd())));
  return lines.slice(-kept.lines);
}

/** Regular files only: a link could lead anywhere. */
function picturesIn(folder: string | null): string[] {
  if (folder === null || !lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const pictures = readdirSync(folder, { withFileTypes: true }).filter(
    (one) => one.isFile() && /\.png$/.test(one.name),
  );
  return pictures
    .map(({ name }) => name)
    .sort()
    .slice(0, kept.pictures);
}
