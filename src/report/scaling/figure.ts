import type { EChartsCoreOption } from 'echarts';
import { metricTexts } from '../../domain/metric/text.ts';
import { formatNumber } from '../../domain/text/format.ts';
import { chartSvg, roundedEnds } from '../charts.ts';
import type { Scaling, ScalingMetric } from './scaling.ts';

const ink = '#22333b';
const accuracy = '#0b3c8c';
const hours = '#D55E00';
const grid = '#e3e9ec';

/** Accuracy and time of a training against workers, one plot above the other. */
export function scalingSvg(data: Scaling, { width = 900, height = 640 } = {}): string {
  return chartSvg(figureOption(data), { width, height });
}

function figureOption(data: Scaling): EChartsCoreOption {
  const { scaling, metric, baseline, counts, simulated, margin, definitions } = data;
  const text = metricTexts(data)(metric);
  const points = [
    ...(baseline === null ? [] : [{ workers: 1, metric: baseline.metric, time: baseline.time }]),
    ...counts.map(({ workers, metric: measured, time }) => ({ workers, metric: measured, time })),
  ];
  const names = points.map(({ workers }) => String(workers));
  const intervals = points.map((point) => intervalOf(point.metric));
  const reference = baseline?.metric.mean;
  const limit =
    reference === undefined || margin === null
      ? undefined
      : reference - (definitions[metric]?.direction === 'lower' ? -margin : margin);
  const ends = roundedEnds([
    ...intervals.flatMap((range) => (range === null ? [] : [range.low, range.high])),
    ...(limit === undefined ? [] : [limit]),
  ]);
  const predicted = points.some(({ time }) => time?.how === 'predicted');
  const axis = (gridIndex: number, name: string) => ({
    ...{ type: 'category', gridIndex, name, nameLocation: 'middle', nameGap: 28, data: names },
    axisLine: { lineStyle: { color: ink } },
  });
  const best = points.flatMap(({ time }) => (time === null ? [] : [time.seconds]));
  const longest = Math.max(0, ...best);
  const unit =
    longest >= 5400
      ? { name: 'hours', seconds: 3600 }
      : longest >= 120
        ? { name: 'minutes', seconds: 60 }
        : { name: 'seconds', seconds: 1 };
  return {
    title: {
      text: `${scaling}${simulated ? ' \u2013 SIMULATED' : ''}`,
      subtext: `mean and 95 % interval of the runs that validated each setting; ${text.meaning}${limit === undefined ? '' : `; dashed: one worker, dotted: the margin below it`}`,
      left: 12,
      top: 6,
      textStyle: { fontSize: 16, color: ink },
      subtextStyle: { color: '#4d5f68' },
    },
    grid: [
      { left: 76, right: 28, top: 84, height: '34%' },
      { left: 76, right: 28, bottom: 56, height: '30%' },
    ],
    xAxis: [axis(0, 'workers'), axis(1, 'workers')],
    yAxis: [
      {
        ...{ type: 'value', gridIndex: 0, name: text.heading, scale: true, splitLine: { lineStyle: { color: grid } } },
        ...{ axisLabel: { formatter: formatNumber }, nameTextStyle: { color: ink }, ...ends },
      },
      {
        ...{ type: 'value', gridIndex: 1, min: 0, splitLine: { lineStyle: { color: grid } } },
        name: `${unit.name} of a training${simulated ? ' (not measured: simulated)' : predicted ? ' (some predicted)' : ''}`,
        nameTextStyle: { color: ink, align: 'left' },
      },
    ],
    series: [
      {
        ...{ name: text.heading, type: 'line', xAxisIndex: 0, yAxisIndex: 0, symbol: 'circle', symbolSize: 9 },
        ...{ itemStyle: { color: accuracy }, lineStyle: { color: accuracy, width: 2 } },
        data: points.map((point) => point.metric?.mean ?? null),
        markLine: {
          ...{ silent: true, symbol: 'none', precision: 6, label: { show: false } },
          data: [
            ...(reference === undefined ? [] : [{ yAxis: reference, lineStyle: { color: ink, type: 'dashed' } }]),
            ...(limit === undefined ? [] : [{ yAxis: limit, lineStyle: { color: ink, type: 'dotted' } }]),
          ],
        },
      },
      {
        ...{ type: 'custom', xAxisIndex: 0, yAxisIndex: 0, silent: true, renderItem: bar },
        data: intervals.flatMap((range, at) => (range === null ? [] : [[at, range.low, range.high]])),
      },
      {
        ...{ name: 'time', type: 'line', xAxisIndex: 1, yAxisIndex: 1, symbolSize: 9, lineStyle: { color: hours } },
        data: points.map(({ time }) => ({
          value: time === null ? null : time.seconds / unit.seconds,
          symbol: time?.how === 'predicted' ? 'emptyCircle' : 'circle',
          itemStyle: { color: hours },
        })),
      },
    ],
  };
}

function intervalOf(measured: ScalingMetric | null) {
  return measured === null ? null : (measured.interval ?? { low: measured.mean, high: measured.mean });
}

interface CustomApi {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
}

/** A vertical line over an interval, with caps. */
function bar(_: unknown, api: CustomApi): object {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    ...{ type: 'line', shape: { x1, y1, x2, y2 } },
    style: { stroke: accuracy, lineWidth: 1.4, fill: 'none' },
  });
  return {
    type: 'group',
    children: [line(x, low, x, high), line(x - 4, low, x + 4, low), line(x - 4, high, x + 4, high)],
  };
}
