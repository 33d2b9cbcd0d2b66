import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { readArchive } from '../../src/report/archive/read.ts';
import { writeArchive } from '../../src/report/archive/write.ts';
import { projectWith } from '../cli/commands/stored-projects.ts';
import { table62 } from '../report/stored-study.ts';
import { computedMs, randomOf, seed, times } from './random.ts';

const count = 60 * times;

it(`${count} damaged archives are refused in words, or bring what was exported`, async () => {
  const project = projectWith({ ...table62, name: 'brain' });
  const store = openStore({ path: join(project, 'autopilot.db') });
  const study = store.study('brain')!;
  const file = join(project, 'brain.tar.gz');
  await writeArchive({ store, study, project, file, checkpoints: true });
  const rows = (from: typeof store) =>
    JSON.stringify(from.decisionsOf('brain').map(({ timeMs: _, ...rest }) => ({ ...rest, eventSequence: 0 }))) +
    JSON.stringify(from.runsOf('brain').map(({ key, state, metrics }) => [key, state, metrics]));
  const sound = rows(store);
  const plain = gunzipSync(readFileSync(file));
  const wrong: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-archive-'));
  for (let index = 0; index < count; index++) {
    const random = randomOf(seed * 104_729 + index);
    let bytes = Buffer.from(random.next() < 0.7 ? plain : readFileSync(file));
    const packed = bytes.length === plain.length;
    const what = random.next();
    if (what < 0.7)
      for (let flips = 1 + random.below(4); flips > 0; flips--)
        bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    else if (what < 0.85) bytes = bytes.subarray(0, random.below(bytes.length));
    else bytes = Buffer.concat([bytes.subarray(0, 512 * random.below(bytes.length / 512)), bytes]);
    const damaged = join(folder, 'damaged.tar.gz');
    writeFileSync(damaged, packed ? gzipSync(bytes, { level: 1 }) : bytes);
    const to = mkdtempSync(join(folder, 'to-'));
    const target = openStore({ path: join(to, 'autopilot.db') });
    const from = computedMs();
    try {
      await readArchive({ store: target, project: to, file: damaged });
      if (rows(target) !== sound) wrong.push(`${index}: was taken with other results`);
    } catch (thrown) {
      if (!(thrown instanceof AutopilotError))
        wrong.push(`${index}: ${thrown instanceof Error ? thrown.stack : thrown}`);
      else if (target.study('brain') !== undefined) wrong.push(`${index}: was refused, and is there`);
      if (readdirSync(to).some((name) => name.startsWith('.import'))) wrong.push(`${index}: left files behind`);
    }
    const ms = computedMs() - from;
    if (ms > 2000) wrong.push(`${index}: ${Math.round(ms)} ms`);
    target.close();
    rmSync(to, { recursive: true });
  }
  store.close();
  rmSync(folder, { recursive: true });
  expect(wrong.slice(0, 5)).toEqual([]);
}, 3_600_000);
