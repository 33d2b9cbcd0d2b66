import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { messageOf } from '../../domain/errors.ts';
import { readPlainFile, requirePlainFile } from '../../protocol/files/read-plain-file.ts';
import { Damage } from '../refusal.ts';
import { BeyondHead, type DataSet, type Element, type Form, parseDataSet, textOf } from './data-set.ts';
import { formOf } from './transfer-syntax.ts';

/** A file's elements, and its transfer syntax. */
export interface DicomFile {
  syntax: string;
  set: DataSet;
}

/** Headers are far shorter: even scanners' private elements take only tens of kilobytes. */
const headBytes = 1 << 20;
const largestBytes = 2 ** 31;
const pixelTags = 0x7fe00000;
const vrsOfMeta = /^(AE|OB|OW|SH|UI|UL|UN|US|UT|UR)$/;

/** Reads a whole file. Throws `Damage` saying what is wrong with it. */
export function readDicomFile(file: string): DicomFile {
  const bytes = readPlainFile(file);
  return parse(bytes, bytes.length);
}

/** Reads the elements before the pixels, for most files from the head alone. */
export function readDicomHeader(file: string): DicomFile {
  requirePlainFile(file);
  const descriptor = openSync(file, 'r');
  try {
    const fileBytes = fstatSync(descriptor).size;
    const head = Buffer.alloc(Math.min(headBytes, fileBytes));
    readSync(descriptor, head, 0, head.length, 0);
    return parse(head, fileBytes, pixelTags);
  } catch (error) {
    if (!(error instanceof BeyondHead)) throw error;
    const bytes = readPlainFile(file);
    return parse(bytes, bytes.length, pixelTags);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file is DICOM, by its magic or, for files from before 1993 or without a preamble, by its first tag. */
export function isDicomFile(file: string): boolean {
  if (!statSync(file).isFile()) return false;
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(132);
    const read = readSync(descriptor, head, 0, head.length, 0);
    return startOf(head.subarray(0, read)) !== null;
  } finally {
    closeSync(descriptor);
  }
}

/** Offset of the first element; null if the file is not DICOM. */
function startOf(head: Buffer): number | null {
  if (head.toString('latin1', 128, 132) === 'DICM') return 132;
  if (head.length < 12) return null;
  const [group, element] = [head.readUInt16LE(0), head.readUInt16LE(2)];
  const plausible = (group === 2 && element <= 0x10) || (group === 8 && element <= 0x18);
  if (plausible) return 0;
  return head.readUInt16BE(0) === 8 && head.readUInt16BE(2) <= 0x18 ? 0 : null;
}

function parse(head: Buffer, fileBytes: number, until?: number): DicomFile {
  const start = startOf(head);
  if (start === null) throw new Damage('it is not a DICOM file');
  const end = head.length;
  const meta = metaFrom(head, start, fileBytes);
  const guessed = guessedForm(head, meta.at);
  const said = meta.syntax === '' ? { ...guessed, deflated: false } : formOf(meta.syntax);
  const syntax = meta.syntax === '' ? syntaxOf(said) : meta.syntax;
  // Some writers declare explicit but write implicit: the two letters of the value representation are missing.
  const form = said.explicit && !said.deflated ? { ...said, explicit: guessed.explicit } : said;
  const limits = until === undefined ? {} : { until };
  if (!form.deflated) return { syntax, set: parseDataSet(head, meta.at, form, { end, fileBytes, ...limits }) };
  if (head.length < fileBytes) throw new BeyondHead();
  const inflated = inflate(head.subarray(meta.at));
  return {
    syntax,
    set: parseDataSet(inflated, 0, form, { end: inflated.length, fileBytes: inflated.length, ...limits }),
  };
}

function inflate(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: largestBytes });
  } catch (error) {
    throw new Damage(`its compression is broken (${messageOf(error)})`);
  }
}

/** The first group has the same encoding in all files, so violations are damage, and what follows would be misread. */
function metaFrom(head: Buffer, start: number, fileBytes: number): { syntax: string; at: number } {
  const elements = new Map<number, Element>();
  let at = start;
  let last = 0;
  const truncated = () =>
    head.length < fileBytes ? new BeyondHead() : new Damage('it ends in the middle of its header');
  for (;;) {
    if (at + 8 > head.length) throw truncated();
    const [group, element] = [head.readUInt16LE(at), head.readUInt16LE(at + 2)];
    if (group !== 2) break;
    const tag = group * 0x10000 + element;
    const name = `(0002,${element.toString(16).padStart(4, '0')})`;
    const vr = head.toString('latin1', at + 4, at + 6);
    if (tag <= last || !vrsOfMeta.test(vr)) throw new Damage(`its header is damaged at byte ${at}, ${name}`);
    last = tag;
    const long = ['OB', 'OW', 'UN', 'UT', 'UR'].includes(vr);
    if (at + 12 > head.length) throw truncated();
    const length = long ? head.readUInt32LE(at + 8) : head.readUInt16LE(at + 6);
    const value = at + (long ? 12 : 8);
    if (value + length > fileBytes) {
      throw new Damage(`its element ${name} declares ${length} bytes, more than the file holds`);
    }
    if (value + length > head.length) throw truncated();
    const held = { items: null, fragments: null, form: { explicit: true, big: false } };
    elements.set(tag, { tag, vr, value: head.subarray(value, value + length), ...held });
    at = value + length;
  }
  const syntax = textOf(elements, 0x00020010);
  if (last > 0 && syntax !== '' && !/^[0-9.]+$/.test(syntax)) throw new Damage(`its transfer syntax is "${syntax}"`);
  return { syntax, at };
}

/** Encoding judged by the first element, for files with a missing or wrong transfer syntax. */
function guessedForm(head: Buffer, at: number): Form {
  const explicit = /^[A-Z]{2}$/.test(head.toString('latin1', at + 4, at + 6));
  return { explicit, big: explicit && head.readUInt16LE(at) > 0xff };
}

function syntaxOf({ explicit, big }: Form): string {
  const root = '1.2.840.10008.1.2';
  return explicit ? `${root}.${big ? 2 : 1}` : root;
}
