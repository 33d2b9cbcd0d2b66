import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { stoppedProcesses } from '../../../src/launcher/processes/stopped-processes.ts';
import { present } from '../../support/required.ts';

const hasPython = present('python3', spawnSync('python3', ['--version']).status === 0, 'no python3 on the PATH');
const attempt = `stopped.${process.pid}`;
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process of the attempt that says something again and again. */
async function processOf(name: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => console.log("here"), 20)'], {
    env: { ...process.env, AUTOPILOT_ATTEMPT: name, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  let heard = 0;
  child.stdout.on('data', () => {
    heard += 1;
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid!,
    async stop() {
      child.kill('SIGSTOP');
      await expect.poll(() => stateOf(child.pid!)).toBe('T');
    },
    async resume() {
      const before = heard;
      child.kill('SIGCONT');
      await expect.poll(() => heard).toBeGreaterThan(before + 1);
    },
  };
}

/** As proc(5) says it: T is stopped, t is held by a debugger. */
function stateOf(pid: number): string | undefined {
  return /\) (\w) [^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

function watched() {
  let seconds = 0;
  const { look } = stoppedProcesses({ attempt, heartbeatSeconds: 3, now: () => seconds * 1000 });
  return {
    /** Looks once a second; what it said last. */
    after(more: number): string | null {
      let said: string | null = null;
      for (let second = 0; second < more; second++) {
        seconds += 1;
        said = look();
      }
      return said;
    },
    sleep(more: number) {
      seconds += more;
    },
  };
}

it.each(['OMPI_COMM_WORLD_RANK', 'PMI_RANK'])(
  'names the rank that a signal holds, once it is time (%s)',
  async (name) => {
    const rank = await processOf(attempt, { [name]: '4' });
    await processOf(attempt, { [name]: '5' });
    const { after } = watched();
    expect(after(10)).toBeNull();
    await rank.stop();
    expect(after(3)).toBeNull();
    expect(after(1)).toBe(`rank 4 (pid ${rank.pid}) did not run for 3 s: stopped by a signal (SIGSTOP)`);
  },
);

it('names a process that is no rank by its program', async () => {
  const other = await processOf(attempt);
  await other.stop();
  expect(watched().after(4)).toContain(`node (pid ${other.pid}) did not run`);
});

it('begins anew with a process that ran in between, as a throttled one does', async () => {
  const rank = await processOf(attempt);
  const { after } = watched();
  for (let round = 0; round < 3; round++) {
    await rank.stop();
    expect(after(3)).toBeNull();
    await rank.resume();
  }
  await rank.stop();
  expect(after(4)).not.toBeNull();
});

it('does not count the time in which it was asleep itself', async () => {
  const rank = await processOf(attempt);
  await rank.stop();
  const { after, sleep } = watched();
  expect(after(2)).toBeNull();
  sleep(3600);
  expect(after(3)).toBeNull();
});

it('leaves the processes of another attempt alone', async () => {
  const stranger = await processOf(`${attempt}.other`);
  await stranger.stop();
  expect(watched().after(10)).toBeNull();
});

it.skipIf(!hasPython)('leaves a process alone that a debugger holds', async () => {
  const attach = `
import ctypes, os, time
child = os.fork()
while child == 0: time.sleep(1)
ctypes.CDLL(None).ptrace(16, child, None, None)
print(child, flush=True)
time.sleep(1000)`;
  const debuggedBy = spawn('python3', ['-c', attach], {
    env: { ...process.env, AUTOPILOT_ATTEMPT: attempt },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(debuggedBy);
  const [printed] = await once(debuggedBy.stdout, 'data');
  const debugged = Number(printed);
  try {
    await expect.poll(() => stateOf(debugged)).toBe('t');
    expect(watched().after(10)).toBeNull();
  } finally {
    process.kill(debugged, 'SIGKILL');
  }
});
