import { stringify } from 'csv-stringify/sync';
import { meaningCells, meaningColumns } from '../../domain/metric/text.ts';
import { sheetText } from '../../domain/text/sheet-text.ts';
import type { ComparePoint, Comparison } from './comparison.ts';

/** One row per point, the baseline first. Metrics are in the unit that their own columns name. */
export function comparisonCsv({ comparison, baseline, lines, metrics, definitions, simulated }: Comparison): string {
  const points: [string, ComparePoint][] = [
    ...(baseline === null ? [] : [['baseline', baseline] as [string, ComparePoint]]),
    ...lines.flatMap(({ policy, points: own }) => own.map((point): [string, ComparePoint] => [policy, point])),
  ];
  const rows = points.map(([policy, point]) => [
    comparison,
    policy,
    point.workers,
    point.runs,
    point.diverged,
    ...metrics.flatMap((name) => {
      const summary = point.metrics[name];
      return [summary?.mean, summary?.sd, summary?.difference];
    }),
    ...metrics.flatMap((name) => meaningCells(name, definitions)),
    point.setting?.initialLr,
    point.setting?.decayCoefficient,
    point.setting?.warmupEpochs,
    point.setting?.decayEpochs,
    point.setting?.optimizer,
    point.setting?.epochs,
    String(simulated),
  ]);
  const columns = [
    ...['comparison', 'policy', 'workers', 'runs', 'diverged'],
    ...metrics.flatMap((name) => [name, `${name}Sd`, `${name}Difference`]),
    ...metrics.flatMap(meaningColumns),
    ...['initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer', 'epochs', 'simulated'],
  ];
  return stringify(rows, { header: true, columns, cast: { string: sheetText } });
}
