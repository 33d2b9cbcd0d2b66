import { hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { type Heartbeat, heartbeatDirectory, heartbeatFile } from '../../protocol/heartbeat-file.ts';

export interface HeartbeatWriter {
  /** Counts a training step. */
  step(): void;
  phase(phase: Heartbeat['phase']): void;
  /** Writes the last beat and ends the thread. */
  done(): Promise<void>;
}

const intervalMs = 1000;
const phases: Heartbeat['phase'][] = ['starting', 'working', 'waiting', 'done'];

/**
 * The thread's program, as text, so that it needs no loader. A thread of its own keeps beating while this one computes
 * or waits in a collective. Each beat replaces the whole file.
 */
const program = `
const { parentPort, workerData: { file, identity, phases, state, intervalMs } } = require('node:worker_threads');
const { renameSync, writeFileSync } = require('node:fs');
let beat = 0;
function write() {
  const [step, phase] = [Atomics.load(state, 0), phases[Atomics.load(state, 1)]];
  try {
    writeFileSync(file + '.tmp', JSON.stringify({ ...identity, beat: beat++, step, phase }));
    renameSync(file + '.tmp', file);
  } catch {
    // A full or absent file system: the next beat tries again, the launcher judges the silence.
  }
}
write();
const timer = setInterval(write, intervalMs);
parentPort.on('message', () => { clearInterval(timer); write(); parentPort.close(); });
`;

/** Starts the heartbeat of a rank; does nothing unless the environment names a run directory and an attempt. */
export function startHeartbeat(rank: number): HeartbeatWriter {
  const { AUTOPILOT_RUN: runDirectory, AUTOPILOT_ATTEMPT: attempt } = process.env;
  if (runDirectory === undefined || attempt === undefined) return { step() {}, phase() {}, async done() {} };
  makeFolder(heartbeatDirectory(runDirectory, attempt));
  const state = new Int32Array(new SharedArrayBuffer(8));
  const identity = { rank, host: hostname(), pid: process.pid };
  const file = heartbeatFile(runDirectory, { attempt, rank });
  const workerData = { file, identity, phases, state, intervalMs };
  const thread = new Worker(program, { eval: true, execArgv: [], workerData });
  thread.unref();
  const setPhase = (phase: Heartbeat['phase']) => Atomics.store(state, 1, phases.indexOf(phase));
  return {
    step: () => Atomics.add(state, 0, 1),
    phase: setPhase,
    async done() {
      setPhase('done');
      const ended = new Promise((resolve) => thread.once('exit', resolve));
      thread.ref();
      thread.postMessage('done');
      await ended;
    },
  };
}
