import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** One column a UTF-16 unit: nothing above U+007E but the signs that tables are full of, and no controls. */
const plain = /^[ -~\u00b1\u2013\u2026\u2190-\u2193\u2212]*$/;

/** Columns that a text takes on a terminal: two for a Chinese character or an emoji, none for a colour. */
export function visibleWidth(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** The text cut to `width` columns, with an ellipsis where something is missing. Colours are kept and closed. */
export function truncate(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  if (width < 1) return '';
  const [kept = ''] = wrapAnsi(text, width - 1, { hard: true, wordWrap: false, trim: false }).split('\n', 1);
  return visibleWidth(kept) < width ? `${kept}\u2026` : '\u2026';
}

/** Lines of at most `width` columns, broken at spaces; a longer word is broken where it must. */
export function wrap(text: string, width: number): string[] {
  if (visibleWidth(text) <= width && !text.includes('\n')) return [text];
  return wrapAnsi(text, Math.max(1, width), { hard: true }).split('\n');
}
