import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { nothingWatched } from '../../src/domain/divergence.ts';
import type { Checkpoint } from '../../src/trainer/checkpoint-file.ts';
import { checkpointFolder, findUsableCheckpoint } from '../../src/trainer/checkpoint-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkpointAt = (step: number): Checkpoint => ({
  step,
  fingerprint: 'one',
  progress: { shuffle: { seed: 3, epoch: 1 }, lossSum: 0.25, divergence: nothingWatched },
  tensors: [
    { name: 'kernel', values: Float32Array.from({ length: 40 }, (_, index) => Math.sin(step * index)) },
    { name: 'empty', values: new Float32Array(0) },
    { name: 'odd', values: Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0) },
  ],
});

const store = checkpointFolder(folder, { keep: 2 });
const [older, newer] = [checkpointAt(6), checkpointAt(12)];
const paths = [store.save(older), store.save(newer)];
const newest = paths[1]!;
const whole = readFileSync(newest);
const olderWhole = readFileSync(paths[0]!);

/** What disks, full quotas and half-done copies leave of a file. */
const damage = fc.oneof(
  fc.record({ at: fc.nat(whole.length - 1), xor: fc.integer({ min: 1, max: 255 }) }).map(({ at, xor }) => {
    const data = Buffer.from(whole);
    data[at] = data[at]! ^ xor;
    return data;
  }),
  fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
  fc.uint8Array({ minLength: 1, maxLength: 100 }).map((more) => Buffer.concat([whole, more])),
  fc.record({ from: fc.nat(whole.length - 1), length: fc.integer({ min: 1, max: 4096 }) }).map(({ from, length }) => {
    const data = Buffer.from(whole);
    return data.fill(0, from, Math.min(from + length, data.length));
  }),
  fc.uint8Array({ maxLength: 2000 }).map((noise) => Buffer.from(noise)),
);

describe('a checkpoint that is damaged in any way', () => {
  it('is never loaded: the one before is, whole', () => {
    fc.assert(
      fc.property(
        damage.filter((data) => !data.equals(whole)),
        (data) => {
          writeFileSync(newest, data);
          const { checkpoint, problems } = findUsableCheckpoint(newest);
          expect(checkpoint).toEqual(older);
          expect(problems).toHaveLength(1);
          expect(problems[0]).toContain(newest);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not loaded for any single byte that changed', () => {
    for (let at = 0; at < whole.length; at++) {
      const data = Buffer.from(whole);
      data[at] = data[at]! ^ 0x40;
      writeFileSync(newest, data);
      expect(findUsableCheckpoint(newest).checkpoint?.step).toBe(6);
    }
  });

  it('leaves nothing to load when the one before is damaged too', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(olderWhole.length - 1), (length, olderLength) => {
        writeFileSync(newest, whole.subarray(0, length));
        writeFileSync(paths[0]!, olderWhole.subarray(0, olderLength));
        const { checkpoint, problems } = findUsableCheckpoint(newest);
        expect(checkpoint).toBeNull();
        expect(problems).toHaveLength(2);
      }),
    );
  });

  it('of an earlier version, whose watch knew the first loss alone, is gone on with', () => {
    const { shuffle, lossSum } = newer.progress;
    const earlier = { shuffle, lossSum, firstLoss: 0.5, zeroEpochs: 2 } as object as Checkpoint['progress'];
    const path = checkpointFolder(join(folder, 'earlier'), { keep: 1 }).save({ ...newer, progress: earlier });
    const divergence = { ...nothingWatched, firstLoss: 0.5, scale: 0.5 };
    expect(findUsableCheckpoint(path).checkpoint?.progress).toEqual({ shuffle, lossSum, divergence });
  });

  it('is itself again when it is whole', () => {
    writeFileSync(newest, whole);
    expect(findUsableCheckpoint(newest)).toEqual({ checkpoint: newer, problems: [] });
  });
});
