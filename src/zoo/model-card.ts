import { knownMetric } from '../domain/metric/definition.ts';
import { metricText } from '../domain/metric/text.ts';
import { count } from '../domain/text/format.ts';
import type { NamedWeight, ZooModel } from '../trainer/zoo-model/zoo-model.ts';

/** Facts about the data on a card that are not in `model.json`. */
export interface CardData {
  source: string;
  acquisition?: string | undefined;
  licence: string;
  /** Slices and cases of each part. */
  parts: { split: string; slices: number; cases: number }[];
}

export interface CardExtras {
  data?: CardData;
  /** What the model must not be used for, in a sentence. */
  limits?: string | undefined;
}

/** The model's `README.md`: what it is, how well it was measured to work, what it needs. */
export function modelCard(
  model: Omit<ZooModel, 'weights' | 'format'>,
  weights: readonly NamedWeight[],
  { data, limits }: CardExtras = {},
): string {
  const { name, description, licence, architecture, startedFrom, input, preprocessing, study } = model;
  const parameters = weights.reduce((sum, { values }) => sum + values.length, 0);
  const lines = [
    `# ${name}`,
    '',
    description,
    '',
    `- Licence: ${licence}`,
    `- Architecture: ${architecture?.architecture ?? 'imported weights'}, ${parameters.toLocaleString('en')} parameters`,
  ];
  if (startedFrom !== undefined)
    lines.push(`- Started from: the weights of ${startedFrom}, so its training data influence this model too`);
  if (input !== null) {
    lines.push(`- Input: ${input.height} × ${input.width}, channels ${input.channels.join(', ')}`);
    lines.push(`- Classes: ${input.classes.map((label, index) => `${index} ${label}`).join(', ')}`);
  }
  lines.push(
    `- Preprocessing: ${preprocessing === null ? 'not known; `predict` cannot be used' : 'in model.json, repeated by `predict`'}`,
  );
  if (data !== undefined) {
    lines.push('', '## Data', '', `- Source: ${data.source}`, `- Licence: ${data.licence}`);
    if (data.acquisition !== undefined) lines.push(`- Images: ${data.acquisition}`);
    const parts = data.parts.map(
      ({ split, slices, cases }) => `${split} ${count(slices, 'slice')} of ${counted(cases)}`,
    );
    lines.push(`- Split: ${parts.join(', ')}`);
  }
  if (study !== null) {
    lines.push('', '## Measured', '', `On "${study.data}", by run ${study.run} of study ${study.id}:`, '');
    lines.push(...measuredTable(model));
  }
  if (limits !== undefined) lines.push('', '## What it must not be used for', '', limits);
  lines.push('', 'Not a medical device: measured on the data named here and on nothing else.', '');
  return lines.join('\n');
}

function counted(cases: number): string {
  return `${cases} ${cases === 1 ? 'case' : 'cases'}`;
}

/** One row for each metric and class, one column for each part of the data. */
function measuredTable({ parts, metrics }: Pick<ZooModel, 'parts' | 'metrics'>): string[] {
  const columns = parts ?? [{ split: 'value', metrics }];
  const classes = [...new Set(columns.flatMap((part) => Object.keys(('classes' in part && part.classes) || {})))];
  const ofClass = [null, ...classes];
  const rows = ofClass.flatMap((label) => {
    const values = columns.map((part) => (label === null ? part.metrics : part.classes?.[label]) ?? {});
    return [...new Set(values.flatMap((each) => Object.keys(each)))].map((name) => {
      const { heading, value } = metricText(name, knownMetric(name));
      const cells = values.map((each) => (each[name] === undefined ? '–' : value(each[name])));
      return `| ${label === null ? heading : `${label}: ${heading}`} | ${cells.join(' | ')} |`;
    });
  });
  const splits = columns.map(({ split }) => (parts === undefined ? split : `${split} part`));
  return [`| metric | ${splits.join(' | ')} |`, `|---|${'---:|'.repeat(columns.length)}`, ...rows];
}
