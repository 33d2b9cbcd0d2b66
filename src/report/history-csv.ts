import { stringify } from 'csv-stringify/sync';
import { type ComparedMetrics, type MeasuredHistory, type MeasuredRow, partLines } from './parts.ts';

/**
 * The table with one column a number: fractions and differences of fractions, seconds, worker-hours; at the end the means
 * of each part (`test.dice`) and class (`test.tumour.dice`), where there are several parts or classes.
 */
export function historyCsv({ study, simulated, baseline, iterations, metrics }: MeasuredHistory): string {
  const all = [...(baseline ? [baseline] : []), ...iterations];
  const measured = all.map(partColumns);
  const further = [...new Set(measured.flatMap((means) => [...means.keys()]))];
  const rows = all.map((row, index) => [
    study,
    row.iteration ?? 'baseline',
    row.action ?? 'baseline',
    row.setting?.initialLr,
    row.setting?.decayCoefficient,
    row.setting?.warmupEpochs,
    row.setting?.decayEpochs,
    row.setting?.optimizer,
    row.workers,
    row.runs,
    ...metrics.flatMap((name) => {
      const summary = row.metrics[name];
      return [summary?.mean, summary?.sd, summary?.difference];
    }),
    row.state,
    row.verdict,
    row.seconds,
    row.workerHours,
    String(simulated),
    row.reason,
    ...further.map((column) => measured[index]?.get(column)),
  ]);
  const columns = [
    ...['study', 'iteration', 'action', 'initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer'],
    ...['workers', 'runs'],
    ...metrics.flatMap((name) => [name, `${name}Sd`, `${name}Difference`]),
    ...['state', 'verdict', 'seconds', 'workerHours', 'simulated', 'reason'],
    ...further,
  ];
  return stringify(rows, { header: true, columns });
}

function partColumns(row: MeasuredRow): Map<string, number> {
  const single = row.parts.length < 2 && row.parts.every(({ classes }) => Object.keys(classes).length === 0);
  const lines = single ? [] : partLines([row]);
  return new Map(
    lines.flatMap(({ split, name, metrics }) => named(name === null ? split : `${split}.${name}`, metrics)),
  );
}

function named(prefix: string, metrics: ComparedMetrics): [string, number][] {
  return Object.entries(metrics).map(([metric, { mean }]) => [`${prefix}.${metric}`, mean]);
}
