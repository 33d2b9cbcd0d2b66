import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/** Loaded by the first text that needs them: setting up Unicode's tables takes as long as starting Node. */
const load = createRequire(import.meta.url);
const stringWidth: typeof import('string-width').default = (...given) => load('string-width').default(...given);
const wrapAnsi: typeof import('wrap-ansi').default = (...given) => load('wrap-ansi').default(...given);

/** One column per UTF-16 unit: Latin and Greek letters, punctuation, arrows, mathematics, box drawing; no controls. */
const plain =
  /^[ -~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ff\u2010-\u2027\u2030-\u205e\u2070-\u2094\u2190-\u22ff\u2500-\u259f]*$/;

/** Columns that a text takes on a terminal: two for a Chinese character or an emoji, none for a colour. */
export function visibleWidth(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** The text cut to `width` columns, with an ellipsis where something is missing. Colours are kept and closed. */
export function truncate(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  if (width < 1) return '';
  if (plain.test(text)) return `${text.slice(0, width - 1)}\u2026`;
  const [kept = ''] = wrapAnsi(text, width - 1, { hard: true, wordWrap: false, trim: false }).split('\n', 1);
  return visibleWidth(kept) < width ? `${kept}\u2026` : '\u2026';
}

/** The indentation of a line, including the strokes of a tree, and the label it begins with. */
const labelled = /^([ │├└─]*)(\S(?:.*?\S)??\s{2,})?/u;
const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'y');

/**
 * The text with every line broken at spaces to fit `width` columns. Continuation lines are aligned with the line's
 * text: indented as it is, past its label (`setting   …`), with the tree strokes that continue. Infinity: as it is.
 */
export function fitted(text: string, width: number): string {
  const lines = text.split('\n');
  return lines.flatMap((line) => (visibleWidth(line) <= width ? [line] : fittedLine(line, width))).join('\n');
}

function fittedLine(line: string, width: number): string[] {
  const half = Math.floor(width / 2);
  const [before = '', lead = ''] = labelled.exec(stripVTControlCharacters(line)) ?? [];
  const hasLabel = before.length > lead.length && before.length <= half;
  const at = positionOf(line, hasLabel ? before.length : lead.length);
  const strokes = lead.replace('├', '│').replaceAll(/[└─]/g, ' ').slice(0, half);
  const indent = hasLabel ? before.length : lead === '' ? 0 : Math.min(lead.length + 2, half);
  const [first = '', ...rest] = wrap(line.slice(at), width - indent);
  const start = hasLabel ? line.slice(0, at) : lead.slice(0, half);
  return [start + first, ...rest.map((each) => strokes.padEnd(indent) + each)];
}

/** The index at which a column begins in a line's text, which may hold colours. */
function positionOf(line: string, column: number): number {
  let at = 0;
  for (let left = column; left > 0; ) {
    colour.lastIndex = at;
    const skipped = colour.exec(line);
    if (skipped === null) left -= 1;
    at += skipped?.[0].length ?? 1;
  }
  return at;
}

/** Lines of at most `width` columns, broken at spaces; a longer word is broken inside. */
export function wrap(text: string, width: number): string[] {
  if (visibleWidth(text) <= width && !text.includes('\n')) return [text];
  if (plain.test(text)) return wrapPlain(text, Math.max(1, width));
  return wrapAnsi(text, Math.max(1, width), { hard: true }).split('\n');
}

/** Wraps as wrap-ansi does, for text with one column per unit, which is nearly all text: no Unicode tables needed. */
function wrapPlain(text: string, width: number): string[] {
  const rows = [''];
  for (const [index, word] of text.split(' ').entries()) {
    let row = rows.pop()!.trimStart();
    if (index > 0 && row !== '') row += ' ';
    const left = width - row.length;
    if (word !== '' && word.length > left && row !== '') {
      // A word that is longer than a row starts in this one where that saves a break.
      const breaksHere = 1 + Math.floor((word.length - left - 1) / width);
      if (word.length <= width || Math.floor((word.length - 1) / width) < breaksHere) {
        rows.push(row);
        row = '';
      }
    }
    row += word;
    for (; row.trimEnd().length > width; row = row.slice(width)) rows.push(row.slice(0, width));
    rows.push(row);
  }
  return rows.map((row) => row.trimEnd());
}
