import { closeSync, openSync } from 'node:fs';
import { exitCodes } from '../exit-codes.ts';

let driving = false;
let alone = false;

/**
 * The first Ctrl-C (or SIGTERM) stops the trainings cleanly; the second ends this process at once. Closing the terminal
 * acts as a Ctrl-C if it shows the study, and is ignored if the output goes to a file or pipe: `nohup autopilot run …`.
 */
export function interruptions(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  driving = true;
  const stop = (reason: string, hint: string) => {
    process.stderr.write(`Stopping: the runs write a checkpoint and end.${hint}\n`);
    controller.abort(reason);
  };
  const interrupt = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    stop(name === 'SIGINT' ? 'interrupted' : 'asked to end (SIGTERM)', ' Press Ctrl-C again to leave them behind.');
  };
  const hangUp = () => {
    if (process.stdout.isTTY) process.once('exit', letGoOfTerminal);
    if (controller.signal.aborted) return;
    if (process.stdout.isTTY) stop('its terminal was closed (SIGHUP)', '');
    else sayAlone('The terminal was closed (SIGHUP)');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', hangUp);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt).off('SIGHUP', hangUp);
    },
  };
}

/** Handles an output stream that lost its reader: no error for `autopilot history | head`, and a study continues. */
export function handleLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  if (!driving) process.exit(process.exitCode ?? exitCodes.ok);
  sayAlone(`The output lost its reader (${error.code})`);
}

/** Prints this only once: if standard error has lost its reader too, this write is the next one to fail. */
function sayAlone(what: string): void {
  if (alone) return;
  alone = true;
  process.stderr.write(`${what}; the study continues. Stop it with: kill ${process.pid}\n`);
}

/** Replaces the terminal by /dev/null: on exit node restores the terminal's mode, and aborts if there is none. */
function letGoOfTerminal(): void {
  for (const file of [0, 1, 2]) {
    closeSync(file);
    openSync('/dev/null', file === 0 ? 'r' : 'w');
  }
}
