import { metricTexts } from '../../domain/metric/text.ts';
import { type ExportTable, markdownTable } from '../tables/export-table.ts';
import { latexText } from '../tables/latex.ts';
import { tableOf } from '../tables/latex-table.ts';
import { simulatedNotice } from '../words.ts';
import type { Scaling } from './scaling.ts';
import { scalingTable } from './table.ts';
import { scalingLegend } from './text.ts';

/** The table of a scaling as Markdown (pipes), with its legend and the recommended numbers of workers. */
export function scalingMarkdown(data: Scaling): string {
  const notice = data.simulated ? [`**${simulatedNotice}**`, ''] : [];
  const wishes = data.wishes.map(({ sentence }) => `- ${sentence}`);
  return `${[...notice, ...markdownTable(exported(data)), '', legendOf(data), '', ...wishes].join('\n')}\n`;
}

/** The same as LaTeX for `\usepackage{booktabs}`; as wide as an A4 page in landscape, so it has to be rotated. */
export function scalingLatex(data: Scaling): string {
  const { headings, rows } = exported(data);
  const notice = data.simulated ? ` ${simulatedNotice}` : '';
  const { columns } = scalingTable(data);
  return [
    '% Needs \\usepackage{booktabs}',
    ...tableOf({
      caption: `${data.scaling}: how many workers without loss. ${legendOf(data)}${notice}`,
      label: `tab:${data.scaling.replace(/[^A-Za-z0-9-]/g, '-')}`,
      columns: columns
        .map(({ number }, index) => (index === columns.length - 1 ? 'p{4cm}' : number ? 'r' : 'l'))
        .join(''),
      headings,
      body: rows.map((cells) => `    ${cells.map(latexText).join(' & ')} \\\\`),
    }),
    '',
  ].join('\n');
}

function exported(data: Scaling): ExportTable {
  const { columns, rows } = scalingTable(data);
  const headings = columns.map(({ heading }) => heading);
  return { headings, rows: rows.map((cells) => headings.map((_, index) => cells[index] ?? '')) };
}

function legendOf(data: Scaling): string {
  return scalingLegend(data, metricTexts(data)(data.metric).measuredIn);
}
