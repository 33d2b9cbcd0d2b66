import { stringify } from 'csv-stringify/sync';
import type { StudyHistory } from './history.ts';

/** The table with one column a number: fractions and differences of fractions, seconds, worker-hours. */
export function historyCsv({ study, simulated, baseline, iterations, metrics }: StudyHistory): string {
  const rows = [...(baseline ? [baseline] : []), ...iterations].map((row) => [
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
  ]);
  const columns = [
    ...['study', 'iteration', 'action', 'initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer'],
    ...['workers', 'runs'],
    ...metrics.flatMap((name) => [name, `${name}Sd`, `${name}Difference`]),
    ...['state', 'verdict', 'seconds', 'workerHours', 'simulated', 'reason'],
  ];
  return stringify(rows, { header: true, columns });
}
