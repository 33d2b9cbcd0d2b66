import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { openStore } from '../../db/index.ts';
import type { Job, Tool, Work } from '../dashboard/work.ts';
import { AutopilotError } from '../domain/errors.ts';
import { printable } from '../domain/printable.ts';
import { ownProgram } from '../engine/run/own-program.ts';
import { isHeld } from '../engine/study/lease.ts';
import { storedStudy } from '../engine/study/stored-study.ts';
import { makeFolder } from '../protocol/make-folder.ts';
import { confined } from '../protocol/within.ts';
import { composeStudy } from '../report/composed-study.ts';
import { composedStudyText } from '../report/composed-study-text.ts';
import { epochSeconds } from '../report/study-price.ts';
import { initConfigText } from './init-config.ts';
import { readPageConfig } from './page-config.ts';
import { withStore } from './project.ts';
import { storeFileName } from './project-option.ts';

/** Commands that run at the same time, at most. */
const mostRunning = 4;
/** Ended jobs that are listed, and lines of each. */
const kept = { jobs: 50, lines: 60, bytes: 16_384 };
const planWidth = 100;
const scanFiles = /\.(nii|nii\.gz|nrrd|mha|mhd|png)$/i;

interface Started {
  job: Omit<Job, 'log'>;
  child: ChildProcess;
  logFile: string;
}

/** Starts studies and commands in processes of their own, with their output in `PROJECT/page-jobs`. */
export function dashboardWork(projectFolder: string, rootFolders: readonly string[]): Work {
  const project = resolve(projectFolder);
  const roots = rootFolders.map((root) => resolve(root));
  for (const root of roots) requireFolder(root);
  const started = new Map<string, Started>();

  const isAllowed = (path: string) =>
    roots.some((root) => resolve(path) === root || confined(root, resolve(path)) !== null);
  const requireAllowed = (path: string): string => {
    if (path.startsWith('/') && isAllowed(path)) return resolve(path);
    throw new AutopilotError('work.outside', `${path} lies below none of the roots: ${roots.join(', ')}.`);
  };

  function start(kind: Job['kind'], title: string, args: readonly string[], study: string | null): Job {
    const running = [...started.values()].filter(({ job }) => job.state === 'running').length;
    if (running >= mostRunning) {
      throw new AutopilotError('work.busy', `${running} jobs are running; wait for one of them, or stop it.`);
    }
    const folder = join(project, 'page-jobs');
    makeFolder(folder);
    const id = `${Date.now().toString(36)}-${started.size}`;
    const logFile = join(folder, `${id}.log`);
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
    const one: Started = {
      job: { id, kind, title, study, state: 'running', exitCode: null, startedMs: Date.now(), endedMs: null },
      child,
      logFile,
    };
    const end = (exitCode: number | null, failed: boolean) => {
      const { job } = one;
      if (job.endedMs !== null) return;
      // 3: a study that ended properly, with another answer than "no loss".
      const done = !failed && (exitCode === 0 || (kind === 'study' && exitCode === 3));
      const state = done ? 'done' : job.state === 'stopped' || exitCode === 130 ? 'stopped' : 'failed';
      Object.assign(job, { exitCode, endedMs: Date.now(), state });
    };
    child.on('error', () => end(null, true));
    child.on('exit', (code) => end(code, code === null));
    started.set(id, one);
    for (const old of [...started.values()].filter(({ job }) => job.endedMs !== null).slice(0, -kept.jobs))
      started.delete(old.job.id);
    return shown(one);
  }

  return {
    roots,
    jobs: () => [...started.values()].reverse().map(shown),
    folder(path) {
      if (!path.startsWith('/') || !isAllowed(path)) return [];
      const folder = resolve(path);
      const entries = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
        ? readdirSync(folder, { withFileTypes: true }).slice(0, 500)
        : [];
      return entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort();
    },
    draft: (draft) => initConfigText({ ...draft, command: [], launcher: 'local' }),
    check(text) {
      const read = readPageConfig(text, isAllowed);
      if ('problems' in read) return read;
      const { config, given } = read;
      const taken = withStore(project, (store) => store.study(config.name));
      if (taken) return { problems: [`A study ${config.name} is there already; give this one another name`] };
      const seconds = withStore(project, (store) => epochSeconds(config, store));
      const options = { width: planWidth, colors: pc.createColors(false) };
      const plan = composedStudyText(composeStudy(config, given, seconds), options);
      return { plan: plan.slice(0, plan.indexOf('\nparallelism definition')).trim() };
    },
    startStudy(text) {
      const read = readPageConfig(text, isAllowed);
      if ('problems' in read) throw new AutopilotError('work.config', read.problems.join('\n'));
      const { name } = read.config;
      const folder = join(project, 'studies');
      const file = join(folder, `${name}.yaml`);
      if (existsSync(file) || withStore(project, (store) => store.study(name))) {
        throw new AutopilotError('work.taken', `A study ${name} is there already; give this one another name.`);
      }
      makeFolder(folder);
      writeFileSync(file, text, { flag: 'wx' });
      return start('study', `Study ${name}`, ['run', file, '--project', project], name);
    },
    goOn(name) {
      const lease = withStore(project, (store) => store.leaseOf(storedStudy(store, name).id));
      if (lease && isHeld(lease, Date.now())) {
        throw new AutopilotError('work.held', `A process works on study ${name} already.`);
      }
      // What was started here went through the same door; what was not may run programs.
      const file = join(project, 'studies', `${name}.yaml`);
      const read = existsSync(file) ? readPageConfig(readFileSync(file, 'utf8'), isAllowed) : { problems: [] };
      if ('problems' in read) {
        throw new AutopilotError(
          'work.shell',
          `Study ${name} was started in a shell; go on with: autopilot resume ${name}`,
        );
      }
      return start('study', `Study ${name}, resumed`, ['run', file, '--project', project], name);
    },
    startTool(tool) {
      const { title, args } = commandOf(tool, requireAllowed, join(project, 'page-jobs'));
      return start(tool.kind, title, args, null);
    },
    stop(id) {
      const one = started.get(id);
      if (one === undefined) throw new AutopilotError('work.unknown', `There is no job ${id} of this page.`);
      if (one.job.endedMs !== null || one.child.pid === undefined) return;
      one.job.state = 'stopped';
      process.kill(one.child.pid, 'SIGINT');
    },
    close() {
      for (const { job, child } of started.values()) {
        if (job.kind !== 'study' && job.endedMs === null && child.pid !== undefined) process.kill(child.pid, 'SIGTERM');
      }
    },
  };
}

/** The page needs a store to show: a project that has none yet gets one. */
export function ensureStore(project: string): void {
  makeFolder(resolve(project));
  openStore({ path: join(resolve(project), storeFileName) }).close();
}

/** Every path of it is absolute, so that none is taken for an option. */
function commandOf(tool: Tool, at: (path: string) => string, scratch: string): { title: string; args: string[] } {
  switch (tool.kind) {
    case 'check': {
      const folder = at(tool.folder);
      return { title: `Check of ${folder}`, args: ['data', 'check', folder, '--table'] };
    }
    case 'prep': {
      const [input, output] = [at(tool.input), at(tool.output)];
      requireNew(output);
      makeFolder(scratch);
      const file = join(scratch, `prep-${Date.now().toString(36)}.json`);
      writeFileSync(file, JSON.stringify({ input, output, size: { height: tool.size, width: tool.size } }));
      return { title: `Slices of ${input}`, args: ['prep', file] };
    }
    case 'eval': {
      const labels = tool.labels === '' ? [] : [`--labels=${tool.labels}`];
      const [predicted, truth] = [at(tool.predicted), at(tool.truth)];
      return { title: `Evaluation of ${predicted}`, args: ['eval', predicted, truth, ...labels] };
    }
    case 'predict': {
      const [model, scans, output] = [at(tool.model), at(tool.scans), at(tool.output)];
      requireNew(output);
      const files = statSync(scans, { throwIfNoEntry: false })?.isDirectory()
        ? readdirSync(scans)
            .filter((name) => scanFiles.test(name))
            .map((name) => join(scans, name))
        : [scans];
      if (files.length === 0) {
        throw new AutopilotError('work.noScans', `${scans} holds no scans (NIfTI, NRRD, MetaImage or PNG).`);
      }
      const args = ['models', 'predict', model, ...files, '--out', output, '--pictures', join(output, 'pictures')];
      return { title: `Prediction of ${basename(scans)}`, args };
    }
  }
}

/** What a command writes goes into a folder of its own: nothing that is there is written over. */
function requireNew(folder: string): void {
  if (!existsSync(folder) || (statSync(folder).isDirectory() && readdirSync(folder).length === 0)) return;
  throw new AutopilotError('work.exists', `${folder} is there and is not empty; name a new folder.`);
}

function requireFolder(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new AutopilotError('work.root', `--root ${root} is no folder. Name one that is there.`);
}

function shown({ job, logFile }: Started): Job {
  const text = readFileSync(logFile).subarray(-kept.bytes).toString('utf8');
  const lines = stripVTControlCharacters(text).trimEnd().split(/\r?\n/).map(printable);
  return { ...job, log: lines.slice(-kept.lines) };
}
