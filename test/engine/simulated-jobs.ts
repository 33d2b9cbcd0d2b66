import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExitReport, Job, LaunchedJob, Launcher } from '../../src/launcher/launcher.ts';
import { toWire } from '../../src/protocol/number.ts';
import { runDirectoryFiles } from '../../src/protocol/run-directory.ts';
import { runSpec } from '../../src/protocol/run-spec.ts';
import { ownSecret } from '../../src/protocol/secret.ts';
import { simulateRun } from '../../src/trainer/simulated/simulate-run.ts';

/** Simulated trainings that live on when the engine that started them does not: the machine of a test. */
export function simulatedJobs() {
  const alive = new Map<string, Promise<void>>();
  const started: { attempt: string; runDirectory: string }[] = [];

  async function train({ attempt, runDirectory, program }: Job): Promise<void> {
    const signature = ownSecret(program.environment);
    const files = runDirectoryFiles(runDirectory);
    const spec = runSpec.parse(JSON.parse(readFileSync(files.spec, 'utf8')));
    const from = spec.resumeFrom === null ? 0 : Number(JSON.parse(readFileSync(spec.resumeFrom, 'utf8')).epoch);
    for (const event of simulateRun(spec, from)) {
      await nextTurn();
      if (event.type === 'checkpoint')
        writeFileSync(join(runDirectory, event.path), JSON.stringify({ epoch: event.epoch }));
      appendFileSync(
        files.events,
        `${JSON.stringify({ ...event, ...signature }, (_, value) => (typeof value === 'number' ? toWire(value) : value))}\n`,
      );
    }
    alive.delete(attempt);
  }

  /** The launcher of one engine. When `engineDied` resolves, it sees and does nothing any more. */
  function launcher(engineDied: Promise<void> = new Promise(() => {})): Launcher {
    const gone = engineDied.then((): ExitReport => ({ state: 'gone' }));
    const launched = (attempt: string, done: Promise<void>): LaunchedJob => {
      const exited = Promise.race([done.then((): ExitReport => ({ state: 'exited', code: 0 })), gone]);
      const end = async () => void (await exited);
      return { handle: { attempt }, exited, stop: end, kill: end };
    };
    return {
      name: 'local',
      async start(job) {
        const { attempt, runDirectory } = job;
        if ([...alive.keys()].some((other) => runOf(other) === runOf(attempt)))
          throw new Error(`${runOf(attempt)} runs twice`);
        started.push({ attempt, runDirectory });
        const done = train(job);
        alive.set(attempt, done);
        return launched(attempt, done);
      },
      async attach({ attempt }) {
        const done = alive.get(attempt);
        return done === undefined ? null : launched(attempt, done);
      },
      describe: () => '',
    };
  }

  return { launcher, started, settled: async () => void (await Promise.all(alive.values())) };
}

/** `example.iteration-1.0f3a92c4.2.ab12` is attempt 2 of `example.iteration-1.0f3a92c4`. */
export function runOf(attempt: string): string {
  return attempt.split('.').slice(0, 3).join('.');
}
