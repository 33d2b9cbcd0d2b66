import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDicomTagsNode } from '@itk-wasm/dicom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../../src/domain/errors.ts';
import { readDicomFile, readDicomHeader } from '../../../src/imgmed/dicom/dicom-file.ts';
import { quietly } from '../../../src/imgmed/reading/quiet-pipeline.ts';
import { readDicomTags } from '../../../src/imgmed/reading/read-dicom.ts';
import { readVolume } from '../../../src/imgmed/reading/read-volume.ts';
import { writeSegmentation } from '../../../src/imgmed/write-segmentation.ts';
import { writeDicomSeries } from '../dicom-file.ts';
import { sampleMask, sampleScan } from '../sample-volume.ts';

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
    expect(readDicomTags(file)).toEqual({ patientId, seriesUid, modality, hasPixels: true });
  });

  it('is read through the sequences of a segmentation object, whose voxels are what was written', async () => {
    const file = join(folder, 'seg.dcm');
    const labels = [{ value: 1, name: 'ball' }];
    await writeSegmentation({ mask: sampleMask(), series, labels, algorithm: 'by hand' }, file);
    expect(readDicomTags(file)).toMatchObject({ patientId: 'patient-1', modality: 'SEG' });
    const { data } = await readVolume(file);
    expect([...data]).toEqual([...sampleMask().data]);
  });

  it('does not make room for gigabytes of pixels that are not there', async () => {
    const file = changed(slices()[0]!, 0x0028, 0x0011, 60_000);
    const before = process.memoryUsage().rss;
    await expect(readVolume(file)).rejects.toThrow(
      `${file}: cannot be read: its header declares 1200000 bytes of pixels, but it holds 240`,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('is refused where it is cut off, or declares more than the file holds', () => {
    const bytes = readFileSync(slices()[0]!);
    const path = join(folder, 'damaged.dcm');
    const problemOf = (damaged: Buffer): string => {
      writeFileSync(path, damaged);
      try {
        readDicomFile(path);
        return 'none';
      } catch (error) {
        return messageOf(error);
      }
    };
    expect(problemOf(bytes.subarray(0, 138))).toBe('it ends in the middle of its header');
    expect(problemOf(bytes.subarray(0, 400))).toMatch(/ declares .* more than the file holds|middle/);
    expect(problemOf(bytes.subarray(0, bytes.length - 9))).toBe(
      'its element (7fe0,0010) declares 240 bytes, more than the file holds',
    );
    const long = Buffer.from(bytes);
    long.writeUInt32LE(0x40000002, bytes.indexOf('OB') + 4);
    expect(problemOf(long)).toBe('its element (0002,0001) declares 1073741826 bytes, more than the file holds');
    const form = Buffer.from(bytes);
    form.write('u', bytes.indexOf('UI'), 'latin1');
    expect(problemOf(form)).toBe('its header is damaged at byte 158, (0002,0002)');
  });

  it('says that a file is no DICOM', () => {
    const path = join(folder, 'old.dcm');
    for (const length of [0, 100]) {
      writeFileSync(path, Buffer.alloc(length));
      expect(() => readDicomHeader(path)).toThrow('it is not a DICOM file');
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

  it('is refused when it holds two, and none is chosen', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeDicomSeries(sampleScan(), mixed, 'patient-1');
    for (const name of readdirSync(mixed)) writeFileSync(join(mixed, `b${name}`), readFileSync(join(mixed, name)));
    const other = join(folder, 'other');
    mkdirSync(other);
    writeDicomSeries(sampleScan(), other, 'human-2');
    for (const name of readdirSync(other)) writeFileSync(join(mixed, `c${name}`), readFileSync(join(other, name)));
    await expect(readVolume(mixed)).rejects.toThrow(/mixed: the folder holds 2 series \(1\.2.*own/);
  });
});
