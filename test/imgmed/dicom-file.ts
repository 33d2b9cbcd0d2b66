import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../../src/imgmed/volume/volume.ts';

type Element = [group: number, element: number, vr: string, value: string | number | Buffer];

const ctImage = '1.2.840.10008.5.1.4.1.1.2';
const explicitLittleEndian = '1.2.840.10008.1.2.1';

/** Writes a scan of unsigned values as a CT series, one file per slice, as a scanner would; it may lie oblique. */
export function writeDicomSeries(
  { size, spacingMm, originMm, direction, data }: Volume,
  folder: string,
  patient: string,
): void {
  const [columns, rows, slices] = size;
  const axis = (index: number) => [0, 1, 2].map((row) => direction[row * 3 + index]!);
  // Decimal strings hold 16 characters.
  const decimals = (values: readonly number[]) => values.map((value) => Number(value.toFixed(10))).join('\\');
  const positionOf = (k: number) => originMm.map((value, row) => value + k * spacingMm[2] * axis(2)[row]!);
  const study = `1.2.826.0.1.${Buffer.from(patient).readUIntBE(0, 4)}`;
  for (let k = 0; k < slices; k++) {
    const instance = `${study}.2.${k + 1}`;
    const pixels = Uint16Array.from(data.subarray(k * columns * rows, (k + 1) * columns * rows));
    const meta = encoded([
      [0x0002, 0x0001, 'OB', Buffer.from([0, 1])],
      [0x0002, 0x0002, 'UI', ctImage],
      [0x0002, 0x0003, 'UI', instance],
      [0x0002, 0x0010, 'UI', explicitLittleEndian],
      [0x0002, 0x0012, 'UI', '1.2.826.0.1.1'],
    ]);
    const body = encoded([
      [0x0008, 0x0016, 'UI', ctImage],
      [0x0008, 0x0018, 'UI', instance],
      [0x0008, 0x0060, 'CS', 'CT'],
      [0x0010, 0x0010, 'PN', 'Nobody'],
      [0x0010, 0x0020, 'LO', patient],
      [0x0020, 0x000d, 'UI', study],
      [0x0020, 0x000e, 'UI', `${study}.1`],
      [0x0020, 0x0013, 'IS', String(k + 1)],
      [0x0020, 0x0032, 'DS', decimals(positionOf(k))],
      [0x0020, 0x0037, 'DS', decimals([...axis(0), ...axis(1)])],
      [0x0020, 0x0052, 'UI', `${study}.3`],
      [0x0028, 0x0002, 'US', 1],
      [0x0028, 0x0004, 'CS', 'MONOCHROME2'],
      [0x0028, 0x0010, 'US', rows],
      [0x0028, 0x0011, 'US', columns],
      [0x0028, 0x0030, 'DS', `${spacingMm[1]}\\${spacingMm[0]}`],
      [0x0028, 0x0100, 'US', 16],
      [0x0028, 0x0101, 'US', 16],
      [0x0028, 0x0102, 'US', 15],
      [0x0028, 0x0103, 'US', 0],
      [0x7fe0, 0x0010, 'OW', Buffer.from(pixels.buffer)],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(meta.length);
    const start = encoded([[0x0002, 0x0000, 'UL', length]]);
    const file = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), start, meta, body]);
    // Names in another order than the slices, which only the headers know.
    writeFileSync(join(folder, `${String((k * 3) % slices).padStart(3, '0')}-${k}.dcm`), file);
  }
}

/** Writes a file that has a modality and no pixels, such as contours (RTSTRUCT). */
export function writeDicomWithoutPixels(file: string, modality: string): void {
  const meta = encoded([[0x0002, 0x0010, 'UI', explicitLittleEndian]]);
  const body = encoded([
    [0x0008, 0x0060, 'CS', modality],
    [0x0010, 0x0020, 'LO', 'patient'],
    [0x0020, 0x000e, 'UI', '1.2.826.0.1.9'],
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  const start = encoded([[0x0002, 0x0000, 'UL', length]]);
  writeFileSync(file, Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), start, meta, body]));
}

function encoded(elements: readonly Element[]): Buffer {
  return Buffer.concat(
    elements.flatMap(([group, element, vr, value]) => header(group, element, vr, bytesOf(vr, value))),
  );
}

/** Even length: UIDs are filled with a zero byte, texts with a blank. */
function bytesOf(vr: string, value: string | number | Buffer): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes;
  }
  const bytes = Buffer.from(value);
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
}

function header(group: number, element: number, vr: string, value: Buffer): Buffer[] {
  const long = vr === 'OB' || vr === 'OW';
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(element, 2);
  head.write(vr, 4, 'latin1');
  if (long) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return [head, value];
}
