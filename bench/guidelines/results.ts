import { z } from 'zod';

const share = z.object({ share: z.number(), low: z.number(), high: z.number() });

const cell = z.object({
  policy: z.string(),
  task: z.string(),
  workers: z.number(),
  terms: z.object({ baselineRuns: z.number(), maxRuns: z.number(), iterations: z.number() }),
  studies: z.number(),
  noLoss: share,
  wrong: share,
  /** Declared without loss when every setting loses the margin or more; null if not played. */
  wrongWhereNothingHolds: share.nullable(),
  cost: z.object({ median: z.number(), mean: z.number() }),
  costPerAnswer: z.number().nullable(),
  runs: z.number(),
  speedUp: z.number().nullable(),
});

/** `bench/results/guidelines.json`. */
export const resultsSchema = z.object({
  /** Optuna's version, if it played. */
  optuna: z.string().optional(),
  tables: z.array(
    z.object({
      name: z.string(),
      part: z.enum(['designed', 'heldOut']),
      /** Number of settings recorded on k workers. */
      settings: z.number(),
      /** Number of runs recorded, the baseline's included. */
      runs: z.number(),
      baseline: z.number(),
      /** Number of the settings without loss. */
      withoutLoss: z.number(),
    }),
  ),
  cells: z.array(cell),
});

export type Results = z.infer<typeof resultsSchema>;

/** The results as a table for people: a block for each task, worker count and number of baseline runs. */
export function resultsText({ tables, cells }: Results): string {
  const blocks = tables.flatMap((table) => {
    const own = cells.filter(({ task, workers }) => `${task}, ${workers} workers` === table.name);
    const counts = [...new Set(own.map(({ terms }) => terms.baselineRuns))].sort((a, b) => a - b);
    return counts.map((count) => {
      const head =
        `${table.name}${table.part === 'heldOut' ? ' (held out)' : ''}: ${table.runs} runs recorded, baseline ${table.baseline}, ` +
        `${table.withoutLoss} of ${table.settings} settings without loss; ${count} baseline runs`;
      const rows = own.filter(({ terms }) => terms.baselineRuns === count).map(rowOf);
      return [head, columns, ...rows].join('\n');
    });
  });
  return blocks.join('\n\n');
}

const widths = [28, 8, 22, 18, 20, 8, 11, 6, 9];
const aligned = (texts: string[]) =>
  texts.map((text, index) => (index === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[index]!))).join('');
const columns = aligned([
  'policy',
  'studies',
  'noLoss (95 %)',
  'wrongly',
  'wrongly, no such',
  'cost',
  'an answer',
  'runs',
  'speed-up',
]);

function rowOf(row: Results['cells'][number]): string {
  const { noLoss, wrong, wrongWhereNothingHolds, cost, costPerAnswer } = row;
  return aligned([
    row.policy,
    String(row.studies),
    interval(noLoss),
    interval(wrong),
    wrongWhereNothingHolds ? interval(wrongWhereNothingHolds) : '-',
    cost.median.toFixed(1),
    costPerAnswer === null ? '-' : costPerAnswer.toFixed(1),
    row.runs.toFixed(1),
    row.speedUp === null ? '-' : row.speedUp.toFixed(1),
  ]);
}

function interval({ share, low, high }: { share: number; low: number; high: number }): string {
  return `${share.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`;
}
