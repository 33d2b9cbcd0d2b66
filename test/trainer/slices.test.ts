import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { phantom } from '../../src/trainer/data/phantom.ts';
import { loadSlices } from '../../src/trainer/data/slices.ts';

const shipped = fileURLToPath(new URL('../../examples/cerebellum/slices', import.meta.url));

function copyOfShipped(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slices-'));
  cpSync(shipped, folder, { recursive: true });
  return folder;
}

describe('the shipped cerebellum slices', () => {
  it('are 220, 84 and 95 normalized slices of two classes', () => {
    const { splits, classes, height, width, channels } = loadSlices(shipped);
    expect({ classes, height, width, channels }).toEqual({
      classes: ['background', 'cerebellum'],
      height: 32,
      width: 32,
      channels: 1,
    });
    expect([splits.train.count, splits.validation?.count, splits.test.count]).toEqual([220, 84, 95]);
    const first = splits.train.images.subarray(0, 1024);
    const mean = first.reduce((sum, value) => sum + value, 0) / 1024;
    expect(mean).toBeCloseTo(0, 3);
    expect(first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1024).toBeCloseTo(1, 2);
    expect(splits.train.labels.filter((label) => label === 1).length / splits.train.labels.length).toBeCloseTo(
      0.032,
      3,
    );
  });

  it('of different parts lie at least five slices apart', () => {
    const positions = Object.values(loadSlices(shipped).splits).map(({ cases }) => [
      ...new Set(cases.map((name) => Number(/-x(\d+)-/.exec(name)?.[1]))),
    ]);
    expect(positions.map(({ length }) => length)).toEqual([55, 12, 19]);
    const distances = positions.flatMap((part, index) =>
      positions.slice(index + 1).flatMap((other) => part.flatMap((x) => other.map((y) => Math.abs(x - y)))),
    );
    expect(Math.min(...distances)).toBe(5);
  });
});

describe('damaged slices are refused by name', () => {
  it('when a file was cut off', () => {
    const folder = copyOfShipped();
    truncateSync(join(folder, 'train-images.f16'), 1000);
    expect(() => loadSlices(folder)).toThrow(/train-images\.f16 has 1000 bytes instead of 450560/);
  });

  it('when one bit changed', () => {
    const folder = copyOfShipped();
    const path = join(folder, 'test-labels.u8');
    const data = readFileSync(path);
    data[7] = data[7]! ^ 1;
    writeFileSync(path, data);
    expect(() => loadSlices(folder)).toThrow(/test-labels\.u8 does not match the checksum in its manifest/);
  });

  it('when a file or the manifest is missing, or the manifest has another format', () => {
    const folder = copyOfShipped();
    const manifest = join(folder, 'manifest.json');
    rmSync(join(folder, 'test-images.f16'));
    expect(() => loadSlices(folder)).toThrow(/test-images\.f16 cannot be read/);
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format": 1', '"format": 9'));
    expect(() => loadSlices(folder)).toThrow(/manifest\.json is not a slice manifest of format 1: format/);
    rmSync(manifest);
    expect(() => loadSlices(folder)).toThrow(/data\.path must name a folder/);
  });
});

describe('the phantom', () => {
  const options = { size: 32, trainSlices: 30, testSlices: 10, noise: 0.12, seed: 3 };

  it('is the same for the same seed and another for another', () => {
    expect(phantom(options)).toEqual(phantom(options));
    expect(phantom({ ...options, seed: 4 }).splits.train.images).not.toEqual(phantom(options).splits.train.images);
  });

  it('has an atrium in every slice, a few per cent of the pixels', () => {
    const { labels, count } = phantom(options).splits.train;
    for (let slice = 0; slice < count; slice++) {
      const share = labels.subarray(slice * 1024, (slice + 1) * 1024).filter((label) => label === 1).length / 1024;
      expect(share).toBeGreaterThan(0.01);
      expect(share).toBeLessThan(0.1);
    }
  });
});
