import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import type { JobHandle } from '../launcher.ts';
import { identityOf } from './process-identity.ts';

export interface StartGroupOptions {
  command: readonly string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
  /** Standard output and error are appended to it. */
  log: string;
  /** The message when there is no such program or folder. */
  missing: string;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartedGroup {
  /** The leader's process id, which is also the group's. */
  pid: number;
  /** The leader, so that a later engine finds it again. */
  handle: JobHandle;
  /** The leader's end. */
  ended: Promise<ProcessEnd>;
}

/**
 * Starts a command as the leader of its own process group, so that it survives the engine and a Ctrl-C in the terminal.
 * If it could not be started, resolves to a text that says why.
 */
export async function startGroup(options: StartGroupOptions): Promise<StartedGroup | string> {
  const [executable = '', ...parameters] = options.command;
  makeFolder(dirname(options.log));
  const output = openSync(options.log, 'a');
  let child: ChildProcess;
  try {
    child = spawn(executable, parameters, {
      cwd: options.directory,
      env: options.environment,
      detached: true,
      stdio: ['ignore', output, output],
    });
  } catch (thrown) {
    return messageOf(thrown);
  } finally {
    closeSync(output);
  }
  const { pid } = child;
  if (pid === undefined) return spawnFailure(child, options.missing);
  // Listen before anything else: a short program may be over by the next tick.
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  child.unref();
  const identity = identityOf(pid);
  return { pid, handle: identity === null ? { pid } : { ...identity }, ended };
}

function spawnFailure(child: ChildProcess, missing: string): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve('code' in error && error.code === 'ENOENT' ? missing : messageOf(error)));
  });
}
