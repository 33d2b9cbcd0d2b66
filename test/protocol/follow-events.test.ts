import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EventLine } from '../../src/protocol/event-lines.ts';
import { followEvents } from '../../src/protocol/follow-events.ts';

function growingFile(pollMs: number) {
  const path = join(mkdtempSync(join(tmpdir(), 'follow-')), 'events.ndjson');
  const found: EventLine[] = [];
  let heard: () => void = () => {};
  const follower = followEvents({
    path,
    attempt: { number: 1, name: 'one', secret: null },
    pollMs,
    onLines(lines) {
      found.push(...lines);
      heard();
    },
  });
  const begin = () => writeFileSync(path, '{"type":"attempt","attempt":1,"name":"one"}\n');
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  return { path, found, follower, next, begin };
}

it('follows a file that does not exist yet, as it grows', async () => {
  const { path, found, follower, next, begin } = growingFile(20);
  begin();
  for (const epoch of [1, 2, 3]) {
    const told = next();
    appendFileSync(path, `{"type":"epoch","epoch":${epoch}}\n`);
    await told;
  }
  follower.stop();
  expect(found).toMatchObject([{ event: { epoch: 1 } }, { event: { epoch: 2 } }, { event: { epoch: 3 } }]);
});

it('reads to the end, a torn last line included, when it is told that nobody writes any more', async () => {
  const { path, found, follower, begin } = growingFile(60_000);
  begin();
  appendFileSync(path, '{"type":"epoch","epoch":1}\n{"type":"finished"}');
  await follower.end();
  expect(found).toMatchObject([{ event: { type: 'epoch' } }, { event: { type: 'finished' } }]);
});

it('hears nothing after it was stopped', async () => {
  const { path, found, follower } = growingFile(60_000);
  follower.stop();
  appendFileSync(path, '{"type":"finished"}\n');
  follower.look();
  await follower.end();
  expect(found).toEqual([]);
});

it('hears timers while it reads hundreds of megabytes, and keeps no more than a line of them', async () => {
  const { path, found, follower, begin } = growingFile(60_000);
  begin();
  const block = 'x'.repeat(1 << 20);
  appendFileSync(path, '{"type":"warning","message":"');
  for (let index = 0; index < 200; index++) appendFileSync(path, block);
  appendFileSync(path, '"}\n{"type":"finished"}\n');
  let heard = 0;
  const timer = setInterval(() => {
    heard += 1;
  }, 1);
  const before = process.memoryUsage().rss;
  await follower.end();
  clearInterval(timer);
  expect(found).toMatchObject([
    { state: 'refused', problem: 'it has 209715231 bytes, and a line may have at most 1048576' },
    { event: { type: 'finished' } },
  ]);
  expect(found[0]).toMatchObject({ line: expect.stringMatching(/^\{"type":"warning"/) });
  expect(heard).toBeGreaterThan(3);
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
}, 60_000);

it('does not wait for the writer of a pipe', async () => {
  const { path, found, follower } = growingFile(60_000);
  execFileSync('mkfifo', [path]);
  follower.look();
  await follower.end();
  expect(found).toMatchObject([{ state: 'refused', problem: expect.stringContaining('is not a regular file') }]);
});
