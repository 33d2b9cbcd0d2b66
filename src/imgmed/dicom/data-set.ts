import { Damage } from '../refusal.ts';

/** Encoding of a data set's elements. */
export interface Form {
  explicit: boolean;
  big: boolean;
}

export interface Element {
  /** Group and element as one number. */
  tag: number;
  /** Empty where the file does not say. */
  vr: string;
  value: Buffer;
  /** The items of a sequence of undefined length, which had to be parsed to find its end. */
  items: DataSet[] | null;
  /** Compressed pixels: the offset table, then the fragments. */
  fragments: Buffer[] | null;
  form: Form;
}

export type DataSet = ReadonlyMap<number, Element>;

export interface ParseLimits {
  /** Where the elements end. */
  end: number;
  /** Size of the whole file; `buffer` may hold only its head. */
  fileBytes: number;
  /** Stops before the first tag that is not less than this. */
  until?: number;
}

const undefinedLength = 0xffffffff;
const pixelData = 0x7fe00010;
const [item, itemEnd, sequenceEnd] = [0xfffee000, 0xfffee00d, 0xfffee0dd];
const deepest = 32;
const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const implicitLittle: Form = { explicit: false, big: false };

/** Thrown when the head of a file ends too early. */
export class BeyondHead extends Error {}

interface Header {
  tag: number;
  vr: string;
  /** Where the value starts. */
  start: number;
  length: number;
}

/** Parses elements starting at `at`. Throws `Damage`, or `BeyondHead` if the buffer holds only the head of its file. */
export function parseDataSet(buffer: Buffer, at: number, form: Form, limits: ParseLimits): DataSet {
  return elementsFrom(buffer, at, form, limits, 0, false).elements;
}

/** The items of a sequence; empty if it is absent. */
export function itemsOf(set: DataSet, tag: number): DataSet[] {
  const element = set.get(tag);
  if (element === undefined) return [];
  if (element.items !== null) return element.items;
  const { value, vr } = element;
  const form = vr === 'UN' ? implicitLittle : element.form;
  return sequenceFrom(value, 0, form, { end: value.length, fileBytes: value.length }, 0, false).items;
}

/** Values of a text element, separated by backslashes; empty if it is absent or empty. */
export function textsOf(set: DataSet, tag: number): string[] {
  const value = set.get(tag)?.value.toString('latin1').replace(/\0/g, '').trim() ?? '';
  return value === '' ? [] : value.split('\\').map((part) => part.trim());
}

export function textOf(set: DataSet, tag: number): string {
  return textsOf(set, tag).join('\\');
}

/** Numbers written as text (DS, IS). Throws `Damage` for anything else. */
export function decimalsOf(set: DataSet, tag: number): number[] {
  return textsOf(set, tag).map((part) => {
    const value = Number(part);
    if (part === '' || !Number.isFinite(value))
      throw new Damage(`its element ${nameOf(tag)} is "${part}", not a number`);
    return value;
  });
}

export function decimalOf(set: DataSet, tag: number): number | undefined {
  return decimalsOf(set, tag)[0];
}

/** Unsigned 16-bit integers. */
export function shortsOf(set: DataSet, tag: number): number[] {
  const element = set.get(tag);
  if (element === undefined) return [];
  const { value, form } = element;
  return Array.from({ length: value.length >> 1 }, (_, n) =>
    form.big ? value.readUInt16BE(2 * n) : value.readUInt16LE(2 * n),
  );
}

export function shortOf(set: DataSet, tag: number): number | undefined {
  return shortsOf(set, tag)[0];
}

/** One double (FD). */
export function doubleOf(set: DataSet, tag: number): number | undefined {
  const element = set.get(tag);
  if (element === undefined || element.value.length < 8) return undefined;
  return element.form.big ? element.value.readDoubleBE() : element.value.readDoubleLE();
}

export function nameOf(tag: number): string {
  const digits = tag.toString(16).padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

function elementsFrom(buffer: Buffer, from: number, form: Form, limits: ParseLimits, depth: number, open: boolean) {
  if (depth > deepest) throw new Damage(`its sequences are nested more than ${deepest} deep`);
  const elements = new Map<number, Element>();
  let at = from;
  while (at < limits.end) {
    const header = headerAt(buffer, at, form, limits);
    const { tag, vr, start, length } = header;
    if (tag === itemEnd && open) return { elements, at: start };
    if (depth === 0 && tag >= (limits.until ?? Number.POSITIVE_INFINITY)) break;
    if (length !== undefinedLength) {
      requireRoom(header, limits);
      const value = buffer.subarray(start, start + length);
      elements.set(tag, { tag, vr, value, items: null, fragments: null, form });
      at = start + length;
      continue;
    }
    const inside = vr === 'UN' ? implicitLittle : form;
    const compressed = tag === pixelData && depth === 0;
    const { items, fragments, at: end } = sequenceFrom(buffer, start, inside, limits, depth + 1, compressed);
    elements.set(tag, { tag, vr, value: Buffer.alloc(0), items, fragments: compressed ? fragments : null, form });
    at = end;
  }
  if (open) throw endOf(buffer, limits);
  return { elements, at };
}

/** Items up to the sequence's delimiter, or to its end if it has a length. */
function sequenceFrom(
  buffer: Buffer,
  from: number,
  form: Form,
  limits: ParseLimits,
  depth: number,
  compressed: boolean,
) {
  const items: DataSet[] = [];
  const fragments: Buffer[] = [];
  const delimited = depth > 0;
  let at = from;
  while (at < limits.end) {
    const header = headerAt(buffer, at, form, limits);
    const { tag, start, length } = header;
    if (tag === sequenceEnd) return { items, fragments, at: start };
    if (tag !== item) throw new Damage(`it has ${nameOf(tag)} where an item of a sequence begins, at byte ${at}`);
    if (length === undefinedLength) {
      const { elements, at: end } = elementsFrom(buffer, start, form, limits, depth + 1, true);
      items.push(elements);
      at = end;
      continue;
    }
    requireRoom(header, limits);
    if (compressed) fragments.push(buffer.subarray(start, start + length));
    else {
      const inner = { ...limits, end: start + length };
      items.push(elementsFrom(buffer, start, form, inner, depth + 1, false).elements);
    }
    at = start + length;
  }
  if (delimited) throw endOf(buffer, limits);
  return { items, fragments, at };
}

function headerAt(buffer: Buffer, at: number, form: Form, limits: ParseLimits): Header {
  const short = (where: number) => (form.big ? buffer.readUInt16BE(where) : buffer.readUInt16LE(where));
  const long = (where: number) => (form.big ? buffer.readUInt32BE(where) : buffer.readUInt32LE(where));
  try {
    const tag = short(at) * 0x10000 + short(at + 2);
    if (!form.explicit || (tag >= 0xfffe0000 && tag <= 0xfffeffff)) {
      return { tag, vr: '', start: at + 8, length: long(at + 4) };
    }
    const vr = buffer.toString('latin1', at + 4, at + 6);
    if (!/^[A-Z]{2}$/.test(vr)) throw new Damage(`its header is damaged at byte ${at}, ${nameOf(tag)}`);
    return longForms.has(vr)
      ? { tag, vr, start: at + 12, length: long(at + 8) }
      : { tag, vr, start: at + 8, length: short(at + 6) };
  } catch (error) {
    if (error instanceof RangeError) throw endOf(buffer, limits);
    throw error;
  }
}

function requireRoom({ tag, start, length }: Header, { end, fileBytes }: ParseLimits): void {
  if (start + length > fileBytes) {
    throw new Damage(`its element ${nameOf(tag)} declares ${length} bytes, more than the file holds`);
  }
  if (start + length <= end) return;
  if (end < fileBytes) throw new BeyondHead();
  throw new Damage(`its element ${nameOf(tag)} declares ${length} bytes, more than there is room for`);
}

function endOf(buffer: Buffer, { fileBytes }: ParseLimits): Error {
  return buffer.length < fileBytes ? new BeyondHead() : new Damage('it ends in the middle of its header');
}
