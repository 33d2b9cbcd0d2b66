import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStore, type Store } from '../../db/index.ts';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { loader, productFile } from './program.ts';

/** Called with every progress event of an engine; may end the engine with a signal. */
export type Watcher = (event: ProgressEvent, engine: ChildProcess) => void;

export interface EngineRun {
  code: number | null;
  signal: string | null;
  events: ProgressEvent[];
  /** The engine's standard error. */
  said: string;
}

/** Real engine processes: `autopilot … --json` on a project folder. `killAll` ends those that a failed test left. */
export function engineProcesses(program: readonly string[] = [...loader, productFile('cli/main')]) {
  const started: ChildProcess[] = [];
  return {
    started,
    async engine(folder: string, command: string[], watch: Watcher = () => {}): Promise<EngineRun> {
      const child = spawn(process.execPath, [...program, ...command, '--project', folder, '--json'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.push(child);
      const events: ProgressEvent[] = [];
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += String(chunk);
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = JSON.parse(line) as ProgressEvent;
        events.push(event);
        watch(event, child);
      });
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      return { code, signal, events, said };
    },
    killAll(): void {
      for (const child of started.splice(0)) child.kill('SIGKILL');
    },
  };
}

/** Kills the engine at the first event for which `isIt` is true. */
export function killWhen(isIt: (event: ProgressEvent) => boolean, signal: NodeJS.Signals = 'SIGKILL'): Watcher {
  let done = false;
  return (event, engine) => {
    if (done || !isIt(event)) return;
    done = true;
    engine.kill(signal);
  };
}

/** Whether an event is the end of this epoch of this run. */
export function isEpoch(key: string, epoch: number): (event: ProgressEvent) => boolean {
  return (event) => event.type === 'epoch' && event.key === key && event.epoch === epoch;
}

/** Opens a project's store, reads from it and closes it. */
export function readStore<T>(folder: string, read: (store: Store) => T): T {
  const store = openStore({ path: join(folder, 'autopilot.db'), readOnly: true });
  try {
    return read(store);
  } finally {
    store.close();
  }
}
