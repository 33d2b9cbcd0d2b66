import { readFileSync } from 'node:fs';
import type { Intensities } from '../../imgmed/check/case-facts.ts';
import type { CaseFacts, DatasetReport } from '../../imgmed/check/check-dataset.ts';
import type { Block } from '../../report/document/document.ts';
import { escapeHtml, toHtml } from '../../report/document/html.ts';
import { counted } from '../output.ts';

/** Column titles for the table of cases, which has a row for each channel, and the labels in a case's first row. */
export const factColumns = [
  ...['case', 'size', 'spacing, mm', 'axes', 'channel', 'min', '0.5 %', 'median', '99.5 %', 'max', 'mean', 'sd'],
  ...['foreground mean', 'label: voxels'],
] as const;

/** Whether a column holds single numbers, which are right-aligned. */
export function isNumber(column: number): boolean {
  return column > 3 && column < 13;
}

export function factRows(facts: readonly CaseFacts[]): string[][] {
  return facts.flatMap(({ id, size, spacingMm, orientation, intensities, labels }) =>
    intensities.map(({ all, foreground }, channel) => {
      const place = [id, size.join(' × '), spacingMm.map(short).join(' × '), orientation];
      return [
        ...(channel === 0 ? place : place.map(() => '')),
        String(channel),
        ...inOrder(all).map(short),
        foreground === null ? '–' : short(foreground.mean),
        channel === 0 ? (labels?.map(({ value, voxels }) => `${value}: ${voxels}`).join(', ') ?? '–') : '',
      ];
    }),
  );
}

function inOrder({ min, low, median, high, max, mean, sd }: Intensities): number[] {
  return [min, low, median, high, max, mean, sd];
}

function short(value: number): string {
  return Number.isNaN(value) ? '–' : String(Number(value.toPrecision(5)));
}

/** One HTML page with the findings of `data check` and with every case in numbers and as a picture. */
export function dataCheckPage({ name, layout, cases, findings, facts }: DatasetReport): string {
  const found: Block = findings.length === 0 ? { type: 'paragraph', text: 'None.' } : listOf(findings);
  const rows = factRows(facts);
  const part = (wanted: readonly number[], of: readonly string[][]): Block => ({
    type: 'table',
    columns: wanted.map((index) => ({ title: factColumns[index]!, number: isNumber(index) })),
    rows: of.map((row) => wanted.map((index) => row[index]!)),
  });
  const places = part(
    [0, 1, 2, 3, 13],
    rows.filter(([id]) => id !== ''),
  );
  const intensities = part([0, 4, 5, 6, 7, 8, 9, 10, 11, 12], rows);
  return toHtml({
    title: `Data set ${name}`,
    sections: [
      {
        title: 'Findings',
        blocks: [{ type: 'paragraph', text: `${counted(cases, 'case')}, layout ${layout}.`, tone: 'answer' }, found],
      },
      { title: 'Cases in numbers', blocks: [places, intensities] },
      {
        title: 'Cases in pictures',
        blocks: facts.flatMap(({ id, picture }) => (picture === null ? [] : [figureOf(id, picture)])),
      },
    ],
  });
}

function listOf(findings: DatasetReport['findings']): Block {
  return { type: 'list', items: findings.map(({ severity, kind, sentence }) => `${severity} ${kind}: ${sentence}.`) };
}

/** A picture embedded in the page, so that the page can be moved. */
function figureOf(id: string, file: string): Block {
  const png = readFileSync(file);
  // A PNG's size is at the start of its first chunk.
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const image = `<image width="${width}" height="${height}" href="data:image/png;base64,${png.toString('base64')}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" style="max-width: ${width}px" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(id)}">${image}</svg>`;
  return { type: 'figure', svg, caption: id, file };
}
