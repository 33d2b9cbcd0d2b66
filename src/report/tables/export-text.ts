import type { Store, StudyRecord } from '../../../db/index.ts';
import { workerCounts } from '../../config/scale-section.ts';
import { storedConfig } from '../../config/stored.ts';
import { historyCsv } from '../history/csv.ts';
import { studyHistory } from '../history/history.ts';
import { withParts } from '../parts.ts';
import { scalingCsv } from '../scaling/csv.ts';
import { scalingLatex, scalingMarkdown } from '../scaling/export.ts';
import { scaling } from '../scaling/scaling.ts';
import { historyMarkdown } from './export-table.ts';
import { historyLatex } from './latex-table.ts';

export const tableFormats = ['csv', 'json', 'markdown', 'latex'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** The table of a study or a scaling, for a paper or a program. */
export function tableText(store: Store, study: StudyRecord, format: TableFormat): string {
  if (study.kind === 'scaling') {
    const data = scaling(store, study, workerCounts(storedConfig(study)));
    return {
      csv: () => scalingCsv(data),
      json: () => `${JSON.stringify(data, null, 2)}\n`,
      markdown: () => scalingMarkdown(data),
      latex: () => scalingLatex(data),
    }[format]();
  }
  const history = withParts(store, study, studyHistory(store, study));
  return {
    csv: () => historyCsv(history),
    json: () => `${JSON.stringify(history, null, 2)}\n`,
    markdown: () => historyMarkdown(history),
    latex: () => historyLatex(history),
  }[format]();
}
