import { formatNumber } from '../../domain/text/format.ts';

export interface PlotOptions {
  /** One value per epoch, from epoch 1; NaN where there is none. */
  values: readonly number[];
  title: string;
  /** Columns and rows of the plot itself, without its axis. */
  width?: number;
  height?: number;
}

/** Dot patterns of a braille cell, two columns of four dots (Unicode block U+2800). */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** A curve in braille characters with its lowest and highest value at the axis. */
export function terminalPlot({ values, title, width = 60, height = 8 }: PlotOptions): string {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return `${title}: no values`;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = high - low || 1;
  const columns = Math.min(width, Math.max(20, values.length)) * 2;
  const rows = height * 4;
  const grid = Array.from({ length: height }, () => new Uint8Array(columns / 2));
  const mark = (x: number, y: number) => {
    grid[y >> 2]![x >> 1]! |= dots[y & 3]![x & 1]!;
  };
  let last: [number, number] | null = null;
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      last = null;
      continue;
    }
    const x = values.length === 1 ? 0 : Math.round((index * (columns - 1)) / (values.length - 1));
    const y = Math.round(((high - value) / span) * (rows - 1));
    for (const [atX, atY] of last === null ? [[x, y] as const] : lineBetween(last, [x, y])) mark(atX, atY);
    last = [x, y];
  }
  const labels = [formatNumber(high), ...Array.from({ length: height - 2 }, () => ''), formatNumber(low)];
  const axis = Math.max(...labels.map((label) => label.length));
  const body = grid.map((row, index) => {
    const text = [...row].map((cell) => String.fromCharCode(0x2800 + cell)).join('');
    return `${labels[index]!.padStart(axis)} \u2524${text}`;
  });
  const bottom = `${' '.repeat(axis)} \u2514${'\u2500'.repeat(columns / 2)}`;
  const first = `${' '.repeat(axis + 2)}1`;
  const epochs = `${first}${`epoch ${values.length}`.padStart(columns / 2 - 1)}`;
  return [title, ...body, bottom, epochs].join('\n');
}

/** Bresenham's line, ends included. */
function lineBetween([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): [number, number][] {
  const points: [number, number][] = [];
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let step = 0; step <= steps; step++) {
    points.push([Math.round(x0 + ((x1 - x0) * step) / steps), Math.round(y0 + ((y1 - y0) * step) / steps)]);
  }
  return points;
}
