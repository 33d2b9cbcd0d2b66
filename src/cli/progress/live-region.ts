import { visibleWidth } from '../../report/tables/text-width.ts';

/** The part of a stream's interface that is used, so that tests can pass a fake. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** A few lines at the bottom of a terminal that are redrawn in place, below the lines that stay. */
export interface LiveRegion {
  /** Prints `lasting` above and redraws the region as `lines`, in one write. */
  draw(lasting: readonly string[], lines: readonly string[]): void;
}

/** Asks the terminal to show a frame in one go, without flicker (ignored where unsupported). */
const beginFrame = '\u001b[?2026h';
const endFrame = '\u001b[?2026l';
const clearToEndOfLine = '\u001b[K';
const clearBelow = '\u001b[J';

export function liveRegion(stream: TextStream): LiveRegion {
  let drawn: readonly string[] = [];
  return {
    draw(lasting, lines) {
      if (lasting.length === 0 && same(drawn, lines)) return;
      const up = rowsOf(drawn, stream.columns ?? 80);
      const home = up > 0 ? `\u001b[${up}A\r` : '\r';
      const text = [...lasting, ...lines].map((line) => `${line}${clearToEndOfLine}\n`).join('');
      stream.write(`${beginFrame}${home}${text}${clearBelow}${endFrame}`);
      drawn = [...lines];
    },
  };
}

/** Rows that lines take up now: a terminal that became narrower has wrapped them. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(visibleWidth(line) / columns)), 0);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
