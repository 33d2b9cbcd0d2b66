import { stringify } from 'csv-stringify/sync';
import { meaningCells, meaningColumns } from '../../domain/metric/text.ts';
import { sheetText } from '../../domain/text/sheet-text.ts';
import type { Scaling, ScalingMetric } from './scaling.ts';
import type { RunTime } from './time.ts';

/** One row per number of workers, one worker first. Times are seconds of one training. */
export function scalingCsv(data: Scaling): string {
  const { scaling, metric, definitions, simulated, baseline, counts, epochs } = data;
  const meaning = meaningCells(metric, definitions);
  const settingCells = (setting: Scaling['counts'][number]['setting']) => [
    setting?.initialLr,
    setting?.decayCoefficient,
    setting?.warmupEpochs,
    setting?.decayEpochs,
    setting?.optimizer,
  ];
  const one = baseline && [
    ...[scaling, 1, 'baseline', ...metricCells(baseline.metric), ...meaning, epochs, ...timeCells(baseline.time)],
    ...[1, 1, baseline.time && baseline.time.seconds / 3600, ...settingCells(baseline.setting), String(simulated)],
  ];
  const rows = counts.map((each) => [
    ...[scaling, each.workers, each.outcome, ...metricCells(each.metric), ...meaning, each.epochs],
    ...[...timeCells(each.time), each.speedUp, each.efficiency, each.workerHours, ...settingCells(each.setting)],
    String(simulated),
  ]);
  const columns = [
    ...['scaling', 'workers', 'verdict', metric, `${metric}Sd`, 'runs', `${metric}Low95`, `${metric}High95`],
    ...[`${metric}Difference`, `${metric}DifferenceAtWorst`, ...meaningColumns(metric), 'epochs', 'seconds', 'time'],
    ...['speedUp', 'efficiency', 'gpuHours', 'initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs'],
    ...['optimizer', 'simulated'],
  ];
  return stringify(one === null ? rows : [one, ...rows], { header: true, columns, cast: { string: sheetText } });
}

function metricCells(measured: ScalingMetric | null) {
  const { mean, sd, n, interval, difference, bound } = measured ?? {};
  return [mean, sd, n, interval?.low, interval?.high, difference, bound];
}

function timeCells(time: RunTime | null) {
  return [time?.seconds, time?.how];
}
