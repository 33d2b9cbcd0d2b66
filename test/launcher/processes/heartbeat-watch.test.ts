import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { heartbeatWatch } from '../../../src/launcher/processes/heartbeat-watch.ts';
import { type Heartbeat, heartbeatDirectory, heartbeatFile } from '../../../src/protocol/heartbeat-file.ts';

function watched(workers = 0) {
  const runDirectory = mkdtempSync(join(tmpdir(), 'beats-'));
  mkdirSync(heartbeatDirectory(runDirectory, 'a'), { recursive: true });
  let seconds = 0;
  const watch = heartbeatWatch({
    runDirectory,
    attempt: 'a',
    heartbeatSeconds: 10,
    stallSeconds: 60,
    workers,
    now: () => seconds * 1000,
  });
  return {
    beat(rank: number, fields: Partial<Heartbeat>) {
      const whole = { rank, host: 'h', pid: 100 + rank, beat: 0, step: 0, phase: 'working', ...fields };
      writeFileSync(heartbeatFile(runDirectory, { attempt: 'a', rank }), JSON.stringify(whole));
    },
    /** Looks once a second, as the launchers do. */
    async after(more: number, each: () => void = () => {}): Promise<string | null> {
      let said: string | null = null;
      for (let second = 0; second < more && said === null; second++) {
        seconds += 1;
        each();
        said = watch.look();
      }
      return said;
    },
    sleep(more: number) {
      seconds += more;
    },
    look: watch.look,
  };
}

it('watches nothing that never beat', async () => {
  expect(await watched().after(1000)).toBeNull();
});

it('names the rank that fell silent, and no other', async () => {
  const { beat, after } = watched();
  beat(0, {});
  beat(1, { step: 7 });
  let count = 0;
  const said = await after(30, () => beat(0, { beat: ++count, step: count }));
  expect(said).toBe('rank 1 (pid 101 on h, step 7) gave no sign of life for 10 s');
});

it('takes no offence at a rank that said it was done', async () => {
  const { beat, after } = watched();
  beat(0, {});
  beat(1, { phase: 'done' });
  let count = 0;
  expect(await after(30, () => beat(0, { beat: ++count, step: count }))).toBeNull();
});

it('finds the rank that the others wait for when no step is made any more', async () => {
  const { beat, after } = watched();
  let count = 0;
  const said = await after(100, () => {
    count += 1;
    beat(0, { beat: count, step: 3, phase: 'waiting' });
    beat(1, { beat: count, step: 3, phase: 'working' });
  });
  expect(said).toBe('no step was made for 60 s; not waiting for others: rank 1 (pid 101 on h, step 3)');
});

it('finds a job stuck whose ranks stand at different steps', async () => {
  const { beat, after } = watched();
  let count = 0;
  const said = await after(100, () => {
    count += 1;
    beat(count % 2, { beat: count, step: 3 + (count % 2) });
  });
  expect(said).toContain('no step was made for 60 s');
});

it('believes the progress of a rank that counts it, and waits longer for the thread that beats for it', async () => {
  const { beat, after } = watched(2);
  let count = 0;
  expect(await after(100, () => beat(0, { beat: ++count, step: 1, progress: count }))).toBeNull();
  expect(await after(39)).toBeNull();
  expect(await after(2)).toBe('rank 0 (pid 100 on h, step 1) gave no sign of life for 40 s');
});

it('does not blame the ranks for its own sleep', () => {
  const { beat, look, sleep } = watched();
  beat(0, {});
  expect(look()).toBeNull();
  sleep(3600);
  expect(look()).toBeNull();
});

it('misses a rank that was lost before its first beat', async () => {
  const { beat, after } = watched(2);
  let count = 0;
  const said = await after(50, () => beat(0, { beat: ++count, step: 0 }));
  expect(said).toBe('rank 1 did not begin within 40 s of the others');
});

it('names eight ranks that are silent and counts the others', async () => {
  const { beat, after } = watched();
  for (let rank = 1; rank <= 12; rank += 1) beat(rank, {});
  expect(await after(20)).toMatch(
    /^rank 1 \(pid [^)]*\), rank 2 .*, rank 8 \(pid \d+ on h, step \d+\) and 4 more gave no sign of life for 10 s$/,
  );
});
