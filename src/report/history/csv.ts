import { stringify } from 'csv-stringify/sync';
import { meaningCells, meaningColumns } from '../../domain/metric/text.ts';
import { bySplit } from '../../domain/split-order.ts';
import { sheetText } from '../../domain/text/sheet-text.ts';
import { bestIterationsText } from '../best-text.ts';
import { type ComparedMetrics, hasParts, type MeasuredHistory, type MeasuredRow, partLines } from '../parts.ts';

/**
 * The table with one column per number: metrics and differences in the unit and direction that their own columns name
 * (`diceUnit`, `diceDirection`), seconds, worker-hours; at the end the means of each part (`test.dice`) and class
 * (`test.tumour.dice`), where there are several parts, or classes. The last row is the best setting over all its runs.
 */
export function historyCsv(history: MeasuredHistory): string {
  const { study, simulated, baseline, iterations, best, metrics, definitions } = history;
  const all: MeasuredRow[] = [...(baseline ? [baseline] : []), ...iterations, ...(best ? [best] : [])];
  const measured = hasParts(partLines(all)) ? all.map(partColumns) : [];
  const further = [...new Set(measured.flatMap((means) => [...means.keys()]))].sort((a, b) =>
    bySplit(splitOf(a), splitOf(b)),
  );
  const rows = all.map((row, index) => [
    study,
    row === best ? 'best' : (row.iteration ?? 'baseline'),
    row.action ?? 'baseline',
    row.setting?.initialLr,
    row.setting?.decayCoefficient,
    row.setting?.warmupEpochs,
    row.setting?.decayEpochs,
    row.setting?.optimizer,
    row.setting?.epochs,
    row.workers,
    row.runs,
    ...metrics.flatMap((name) => {
      const summary = row.metrics[name];
      return [summary?.mean, summary?.sd, summary?.difference];
    }),
    ...metrics.flatMap((name) => meaningCells(name, definitions)),
    row.state,
    row.verdict,
    row.seconds,
    row.workerHours,
    String(simulated),
    row.unverified.join(', '),
    row === best ? bestIterationsText(best) : row.reason,
    ...further.map((column) => measured[index]?.get(column)),
  ]);
  const columns = [
    ...['study', 'iteration', 'action', 'initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer'],
    'epochs',
    ...['workers', 'runs'],
    ...metrics.flatMap((name) => [name, `${name}Sd`, `${name}Difference`]),
    ...metrics.flatMap(meaningColumns),
    ...['state', 'verdict', 'seconds', 'workerHours', 'simulated', 'unverified', 'reason'],
    ...further,
  ];
  return stringify(rows, { header: true, columns, cast: { string: sheetText } });
}

function partColumns(row: MeasuredRow): Map<string, number> {
  return new Map(
    partLines([row]).flatMap(({ split, name, metrics }) => named(name === null ? split : `${split}.${name}`, metrics)),
  );
}

function named(prefix: string, metrics: ComparedMetrics): [string, number][] {
  return Object.entries(metrics).map(([metric, { mean }]) => [`${prefix}.${metric}`, mean]);
}

function splitOf(column: string): string {
  return column.split('.')[0] ?? column;
}
