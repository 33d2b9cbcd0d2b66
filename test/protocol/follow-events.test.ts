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

it('reads to the end, a torn last line included, when it is told that nobody writes any more', () => {
  const { path, found, follower, begin } = growingFile(60_000);
  begin();
  appendFileSync(path, '{"type":"epoch","epoch":1}\n{"type":"finished"}');
  follower.end();
  expect(found).toMatchObject([{ event: { type: 'epoch' } }, { event: { type: 'finished' } }]);
});

it('hears nothing after it was stopped', () => {
  const { path, found, follower } = growingFile(60_000);
  follower.stop();
  appendFileSync(path, '{"type":"finished"}\n');
  follower.look();
  follower.end();
  expect(found).toEqual([]);
});
