import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the header of a DICOM file says, read without WebAssembly: in under a millisecond, and without any pixel. */
export interface DicomHeader {
  patientId: string;
  seriesUid: string;
  /** `CT`, `MR`, `SEG`, … */
  modality: string;
  /** Bytes that the picture takes when it is unpacked. */
  unpackedBytes: number;
  /** Bytes of pixels in the file; null when they are compressed. */
  storedBytes: number | null;
  fileBytes: number;
}

/** Headers end long before; private elements of scanners take some tens of kilobytes. */
const headBytes = 1 << 20;
const undefinedLength = 0xffffffff;
const plainSyntaxes = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];
/** Deflated, and big-endian: left to ITK. */
const otherSyntaxes = ['1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2'];
const forms =
  'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split(' ');
const longForms = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];

/** A file's header, null where only a whole DICOM reader understands it; and why it is damaged, null where it is not. */
export interface DicomInspection {
  header: DicomHeader | null;
  problem: string | null;
}

/**
 * Looks at a file before ITK does: from a damaged length or picture size ITK makes room for what the file tells of,
 * gigabytes at times, and then gives up.
 */
export function inspectDicom(file: string): DicomInspection {
  const descriptor = openSync(file, 'r');
  try {
    const fileBytes = fstatSync(descriptor).size;
    const head = Buffer.alloc(Math.min(headBytes, fileBytes));
    readSync(descriptor, head, 0, head.length, 0);
    const header = headerOf(head, fileBytes);
    return { header, problem: header === null ? null : missingPixels(header) };
  } catch (error) {
    if (error instanceof Damage) return { header: null, problem: error.message };
    if (!(error instanceof RangeError)) throw error;
    // Beyond a head that is not the whole file, nothing is known.
    const whole = fstatSync(descriptor).size <= headBytes;
    return { header: null, problem: whole ? 'it ends in the middle of its header' : null };
  } finally {
    closeSync(descriptor);
  }
}

export function readDicomHeader(file: string): DicomHeader | null {
  return inspectDicom(file).header;
}

class Damage extends Error {}

function missingPixels({ unpackedBytes, storedBytes, fileBytes }: DicomHeader): string | null {
  const held = storedBytes === null ? 2000 * fileBytes : storedBytes;
  return unpackedBytes <= held
    ? null
    : `its header tells of ${unpackedBytes} bytes of pixels and it holds ${Math.min(held, fileBytes)}`;
}

function headerOf(head: Buffer, fileBytes: number): DicomHeader | null {
  if (head.toString('latin1', 128, 132) !== 'DICM') return null;
  const texts = new Map<number, Buffer>();
  let at = 132;
  let explicit = true;
  let syntax = '';
  let last = 0;
  while (at + 8 <= head.length) {
    const group = head.readUInt16LE(at);
    if (group > 2 && syntax === '') {
      syntax = text(texts.get(0x00020010));
      if (!/^[0-9.]+$/.test(syntax)) throw new Damage(`its transfer syntax is "${syntax}"`);
      if (otherSyntaxes.includes(syntax)) return null;
      explicit = syntax !== plainSyntaxes[0];
    }
    const element = elementAt(head, at, group === 2 || explicit);
    if (group === 2) requireOrder(head, at, last, element);
    last = element.tag;
    if (element.length !== undefinedLength && element.value + element.length > fileBytes) {
      throw new Damage(`its element ${nameOf(element.tag)} tells of ${element.length} bytes, more than the file has`);
    }
    if (element.tag === 0x7fe00010) {
      const storedBytes = element.length === undefinedLength ? null : element.length;
      return plainSyntaxes.includes(syntax) || storedBytes === null ? described(texts, storedBytes, fileBytes) : null;
    }
    if (element.length === undefinedLength) at = endOfSequence(head, element.value, explicit);
    else {
      if (element.length <= 128) texts.set(element.tag, head.subarray(element.value, element.value + element.length));
      at = element.value + element.length;
    }
  }
  if (at !== fileBytes && head.length === fileBytes) throw new RangeError('cut off');
  return null;
}

interface Element {
  /** Group and element as one number. */
  tag: number;
  /** Where the value starts. */
  value: number;
  length: number;
}

/** Reading beyond the head throws, as everywhere in here. */
function elementAt(head: Buffer, at: number, explicit: boolean): Element {
  const tag = head.readUInt16LE(at) * 0x10000 + head.readUInt16LE(at + 2);
  const delimiter = tag >= 0xfffe0000 && tag <= 0xfffeffff;
  if (!explicit || delimiter) return { tag, value: at + 8, length: head.readUInt32LE(at + 4) };
  const long = longForms.includes(head.toString('latin1', at + 4, at + 6));
  return long
    ? { tag, value: at + 12, length: head.readUInt32LE(at + 8) }
    : { tag, value: at + 8, length: head.readUInt16LE(at + 6) };
}

/** The first group has one form in all files, so what breaks its rules is damage, and whatever follows is misread. */
function requireOrder(head: Buffer, at: number, last: number, { tag }: Element): void {
  if (tag > last && forms.includes(head.toString('latin1', at + 4, at + 6))) return;
  throw new Damage(`its header is damaged at byte ${at}, ${nameOf(tag)}`);
}

function nameOf(tag: number): string {
  const digits = tag.toString(16).padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** Where a sequence or item without a length ends: behind its delimiter. */
function endOfSequence(head: Buffer, start: number, explicit: boolean): number {
  let at = start;
  for (;;) {
    const { tag, value, length } = elementAt(head, at, explicit);
    if (tag === 0xfffee0dd || tag === 0xfffee00d) return value;
    at = length === undefinedLength ? endOfSequence(head, value, explicit) : value + length;
  }
}

function described(values: Map<number, Buffer>, storedBytes: number | null, fileBytes: number): DicomHeader {
  const short = (tag: number, missing: number) => values.get(tag)?.readUInt16LE() ?? missing;
  const frames = Math.max(1, Number(text(values.get(0x00280008))) || 1);
  const bits = frames * short(0x00280002, 1) * short(0x00280010, 0) * short(0x00280011, 0) * short(0x00280100, 16);
  return {
    patientId: text(values.get(0x00100020)),
    seriesUid: text(values.get(0x0020000e)),
    modality: text(values.get(0x00080060)),
    unpackedBytes: Math.ceil(bits / 8),
    storedBytes,
    fileBytes,
  };
}

function text(value: Buffer | undefined): string {
  return (value?.toString('latin1') ?? '').replace(/\0/g, '').trim();
}
