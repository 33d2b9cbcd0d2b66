import { stripVTControlCharacters } from 'node:util';

const colourStart = '\u001b[';
/** Splits a text before and after its ANSI colour sequences, which take no room on a terminal. */
const colourSequence = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`);

/** One column a UTF-16 unit: nothing above U+007E but the signs that tables are full of, and no controls. */
const plain = /^[ -~\u00b1\u2190-\u2193\u2212]*$/;

/** Columns that a text takes: code points, without colours. All characters this program prints are one column wide. */
export function visibleWidth(text: string): number {
  if (plain.test(text)) return text.length;
  return [...stripVTControlCharacters(text)].length;
}

/** The text cut to `width` columns, with an ellipsis where something is missing. Colours are kept and closed. */
export function truncate(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let room = width - 1;
  let coloured = false;
  for (const part of text.split(colourSequence)) {
    if (part.startsWith(colourStart)) {
      kept += part;
      coloured = true;
      continue;
    }
    const characters = [...part].slice(0, room);
    kept += characters.join('');
    room -= characters.length;
    if (room === 0) break;
  }
  return `${kept}\u2026${coloured ? '\u001b[0m' : ''}`;
}

/** Lines of at most `width` columns, broken at spaces; a longer word is broken where it must. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (visibleWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = [...word];
    while (rest.length > width && !word.includes('\u001b')) {
      lines.push(rest.slice(0, width).join(''));
      rest = rest.slice(width);
    }
    line = rest.join('');
  }
  return [...lines, line];
}
