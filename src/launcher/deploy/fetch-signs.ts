import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { shellText } from '../../domain/text/shell-text.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { heartbeatDirectory } from '../../protocol/heartbeat-file.ts';
import { sampleDirectory } from '../../protocol/sample-file.ts';
import { shellWords } from './remote-shell.ts';

export interface FetchSignsOptions {
  shell: string;
  /** Hosts with their own run directory. */
  hosts: readonly string[];
  runDirectory: string;
  attempt: string;
}

/**
 * Copies the heartbeats and samples of ranks on hosts with their own run directory into the local one, where the
 * launcher and the engine look, until the returned function is called. A silent host shows by its missing heartbeats.
 */
export function fetchSigns({ shell, hosts, runDirectory, attempt }: FetchSignsOptions): () => void {
  const folders = [heartbeatDirectory(runDirectory, attempt), sampleDirectory(runDirectory, attempt)];
  const patterns = folders.map((folder) => `${shellText(folder)}/rank-*.json`).join(' ');
  // Prints one line per file: its path, a tab, its JSON. Ends with its reader: writing to a closed pipe kills it.
  const line = `while sleep 1; do for f in ${patterns}; do [ -f "$f" ] && printf '%s\\t%s\\n' "$f" "$(cat "$f")"; done; echo || exit; done`;
  const children = hosts.map((host): ChildProcess => {
    const [program = 'ssh', ...options] = shellWords(shell);
    const child = spawn(program, [...options, host, line], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.once('error', () => {});
    child.unref();
    createInterface({ input: child.stdout }).on('line', (text) => {
      const [path = '', json = ''] = text.split('\t');
      if (folders.includes(dirname(path)) && json.startsWith('{')) replace(path, json);
    });
    return child;
  });
  return () => {
    for (const child of children) child.kill('SIGKILL');
  };
}

function replace(path: string, text: string): void {
  const folder = dirname(path);
  try {
    makeFolder(folder);
    const temporary = join(folder, '.fetched');
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch {
    // A full disk here ends the training through its events, with a better message than this would give.
  }
}
