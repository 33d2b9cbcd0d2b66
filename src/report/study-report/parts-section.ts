import { actionText } from '../../../machines/guideline/index.ts';
import { differenceLegend, metricTexts } from '../../domain/metric/text.ts';
import type { Section } from '../document/document.ts';
import { hasParts, partLines, partMetrics } from '../parts.ts';
import { measuredText, testPartText } from '../parts-text.ts';
import type { StudyFacts } from './facts.ts';

/** Metrics of each part of the data and of each class; empty where there is only one part and no class. */
export function partsSection({ history }: StudyFacts): Section[] {
  const lines = partLines([...(history.baseline ? [history.baseline] : []), ...history.iterations]);
  if (!hasParts(lines)) return [];
  const metrics = partMetrics(lines, history.metrics[0] ?? 'dice');
  const texts = metrics.map(metricTexts(history));
  const testPart = testPartText(history);
  return [
    {
      title: 'Parts of the data and classes',
      blocks: [
        ...(testPart === null ? [] : [{ type: 'paragraph' as const, text: testPart }]),
        {
          type: 'table',
          caption: `Means over the runs of a row; ${differenceLegend(history, 'the baseline on the same part', metrics)}.`,
          columns: [
            { title: '#', number: true },
            { title: 'Action' },
            { title: 'Part' },
            { title: 'Class' },
            ...texts.map(({ heading }) => ({ title: heading, number: true })),
          ],
          rows: lines.map(({ row, split, name, metrics: own }) => [
            row.iteration === null ? '' : String(row.iteration),
            row.action === null ? 'baseline' : actionText[row.action],
            split,
            name ?? 'all',
            ...texts.map((text) => measuredText(own, text)),
          ]),
        },
      ],
    },
  ];
}
