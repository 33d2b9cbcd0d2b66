import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDicomTagsNode } from '@itk-wasm/dicom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dicomProblem, readDicomHeader } from '../../src/imgmed/inspect-dicom.ts';
import { quietly } from '../../src/imgmed/quiet-pipeline.ts';
import { readVolume } from '../../src/imgmed/read-volume.ts';
import { writeSegmentation } from '../../src/imgmed/write-segmentation.ts';
import { writeDicomSeries } from './dicom-file.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let folder: string;
let series: string;
const slices = () => readdirSync(series).map((name) => join(series, name));
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-'));
  series = join(folder, 'series');
  mkdirSync(series);
  writeDicomSeries(sampleScan(), series, 'patient-1');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file with other bytes where a tag of two bytes has its value. */
function changed(file: string, group: number, element: number, value: number): string {
  const bytes = readFileSync(file);
  const tag = Buffer.alloc(4);
  tag.writeUInt16LE(group, 0);
  tag.writeUInt16LE(element, 2);
  bytes.writeUInt16LE(value, bytes.indexOf(tag) + 8);
  const path = join(folder, `changed-${value}.dcm`);
  writeFileSync(path, bytes);
  return path;
}

describe('the header of a DICOM file', () => {
  it('says what ITK reads from it', async () => {
    const file = slices()[3]!;
    const { tags } = await quietly(() =>
      readDicomTagsNode(file, { tagsToRead: { tags: ['0010|0020', '0020|000e', '0008|0060'] } }),
    );
    const [patientId, seriesUid, modality] = (tags as [string, string][]).map(([, value]) => value.trim());
    const header = readDicomHeader(file)!;
    expect(header).toMatchObject({ patientId, seriesUid, modality, unpackedBytes: 240, storedBytes: 240 });
    expect(dicomProblem(header)).toBeNull();
  });

  it('is read through the sequences of a segmentation object, whose voxels are bits', async () => {
    const file = join(folder, 'seg.dcm');
    const labels = [{ value: 1, name: 'ball' }];
    await writeSegmentation({ mask: sampleMask(), series, labels, algorithm: 'by hand' }, file);
    const header = readDicomHeader(file)!;
    expect(header).toMatchObject({ patientId: 'patient-1', modality: 'SEG', unpackedBytes: 120 });
    expect(dicomProblem(header)).toBeNull();
  });

  it('does not make ITK set aside gigabytes for pixels that are not there', async () => {
    const file = changed(slices()[0]!, 0x0028, 0x0011, 60_000);
    const before = process.memoryUsage().rss;
    await expect(readVolume(file)).rejects.toThrow(
      `${file}: cannot be read: ${file}: its header tells of 1200000 bytes of pixels and the file holds 240`,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('is left to ITK where it makes no sense', () => {
    const bytes = readFileSync(slices()[0]!);
    for (const length of [0, 100, 140, 400, bytes.length - 300]) {
      const path = join(folder, 'cut.dcm');
      writeFileSync(path, bytes.subarray(0, length));
      expect(readDicomHeader(path)).toBeNull();
    }
  });
});

describe('a folder of DICOM files', () => {
  it('is one series, with or without a segmentation of it', async () => {
    const labels = [{ value: 1, name: 'ball' }];
    const alone = await readVolume(series);
    const mask = sampleMask();
    await writeSegmentation({ mask, series, labels, algorithm: 'by hand' }, join(series, 'zz.dcm'));
    const together = await readVolume(series);
    rmSync(join(series, 'zz.dcm'));
    expect(together).toEqual(alone);
  });

  it('is refused when it holds two, for ITK would take one and say nothing', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeDicomSeries(sampleScan(), mixed, 'patient-1');
    for (const name of readdirSync(mixed)) writeFileSync(join(mixed, `b${name}`), readFileSync(join(mixed, name)));
    const other = join(folder, 'other');
    mkdirSync(other);
    writeDicomSeries(sampleScan(), other, 'human-2');
    for (const name of readdirSync(other)) writeFileSync(join(mixed, `c${name}`), readFileSync(join(other, name)));
    await expect(readVolume(mixed)).rejects.toThrow(/mixed: cannot be read: the folder holds 2 series \(1\.2.*own/);
  });
});
