import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AutopilotError } from '../../domain/errors.ts';
import { toWire } from '../../protocol/number.ts';
import { checkpointPath, runDirectoryFiles } from '../../protocol/run-directory.ts';
import { runSpec } from '../../protocol/run-spec.ts';
import { ownSecret } from '../../protocol/secret.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { simulateRun } from './simulate-run.ts';

/** The simulated trainer as a process of its own: reads `run.json`, reports like a real trainer, stops like one. */
async function main(directory: string | undefined): Promise<void> {
  if (directory === undefined) {
    throw new AutopilotError('trainer.noRun', 'AUTOPILOT_RUN is not set: this program is started by autopilot.');
  }
  const files = runDirectoryFiles(directory);
  const spec = runSpec.parse(JSON.parse(readFileSync(files.spec, 'utf8')));
  const epochMs = Number(spec.trainer.epochMs ?? 0);
  const fromEpoch = spec.resumeFrom === null ? 0 : readCheckpoint(spec.resumeFrom);
  let stopping = false;
  process.on('SIGTERM', () => {
    stopping = true;
  });

  const report = (event: TrainerEvent) =>
    appendFileSync(files.events, `${JSON.stringify({ ...event, ...ownSecret(), timeMs: Date.now() }, wire)}\n`);
  const checkpoint = (epoch: number, path = `checkpoints/epoch-${epoch}.json`) => {
    writeFileSync(checkpointPath(directory, path), JSON.stringify({ epoch }));
    report({ type: 'checkpoint', attempt: spec.attempt, path, step: epoch, epoch });
  };

  for (const event of simulateRun(spec, fromEpoch)) {
    if (event.type === 'checkpoint') checkpoint(event.step, event.path);
    else report(event);
    if (event.type !== 'epoch') continue;
    if (epochMs > 0) await delay(epochMs);
    if (stopping || existsSync(files.stop)) return checkpoint(event.epoch);
  }
}

function wire(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? toWire(value) : value;
}

function readCheckpoint(path: string): number {
  const saved: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof saved === 'object' && saved !== null && 'epoch' in saved ? Number(saved.epoch) : 0;
}

await main(process.env.AUTOPILOT_RUN);
