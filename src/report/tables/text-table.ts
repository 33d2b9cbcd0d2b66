import type { Colors } from 'picocolors/types.js';
import { fitted, truncate, visibleWidth, wrap } from './text-width.ts';

export interface TextOptions {
  /** Columns of the terminal. */
  width: number;
  colors: Colors;
}

export interface TextColumn {
  heading: string;
  align?: 'left' | 'right';
  /** The one column that gives way in a narrow terminal: its cells are wrapped. */
  flexible?: boolean;
}

export interface TextTableOptions {
  columns: readonly TextColumn[];
  rows: readonly (readonly string[])[];
  /** Columns of the terminal; Infinity where nothing limits a line. */
  width?: number;
  /** Styles the heading and the rule below it. */
  dim?: (text: string) => string;
}

const gap = '  ';
const narrowest = 12;

/**
 * An aligned table without frames: a heading, a rule, one or more lines per row. Cells may hold ANSI colours. Where it
 * does not fit the terminal, each row is a paragraph with a line for each cell, so that nothing is left out.
 */
export function textTable({
  columns,
  rows,
  width = Number.POSITIVE_INFINITY,
  dim = (text) => text,
}: TextTableOptions): string {
  const widths = columns.map(({ heading }, index) =>
    rows.reduce((widest, row) => Math.max(widest, visibleWidth(row[index] ?? '')), visibleWidth(heading)),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1);
  const flexible = columns.findIndex((column) => column.flexible);
  const excess = total - width;
  const room = flexible < 0 ? 0 : Math.max(0, widths[flexible]! - narrowest);
  if (excess > room) return paragraphs({ columns, rows, width, dim });
  if (excess > 0) widths[flexible]! -= excess;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index]!, columns[index]?.align === 'right'))
      .join(gap)
      .trimEnd();
  const body = rows.flatMap((row) => {
    const cells = columns.map((_, index) =>
      index === flexible ? wrap(row[index] ?? '', widths[index]!) : [row[index] ?? ''],
    );
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, at) => line(cells.map((lines) => lines[at] ?? '')));
  });
  const heading = line(columns.map(({ heading: text }, index) => truncate(text, widths[index]!)));
  const rule = widths.map((each) => '\u2500'.repeat(each)).join(gap);
  return [dim(heading), dim(rule), ...body].join('\n');
}

/** Each row with its first cells, up to the flexible one, as a title, and the others below it with their headings. */
function paragraphs({
  columns,
  rows,
  width = Number.POSITIVE_INFINITY,
  dim = (text) => text,
}: TextTableOptions): string {
  const titles = Math.max(1, columns.findIndex((column) => column.flexible) + 1);
  const labelWidth = Math.max(...columns.slice(titles).map(({ heading }) => visibleWidth(heading)));
  return rows
    .map((row) => {
      const title = row.slice(0, titles).filter((cell) => cell !== '');
      const cells = columns.flatMap(({ heading }, index) => {
        const cell = row[index] ?? '';
        return index < titles || cell === '' ? [] : [`${gap}${dim(pad(heading, labelWidth, false))}${gap}${cell}`];
      });
      return fitted([title.join(gap), ...cells].join('\n'), width);
    })
    .join('\n\n');
}

function pad(text: string, width: number, right: boolean): string {
  const spaces = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return right ? spaces + text : text + spaces;
}
