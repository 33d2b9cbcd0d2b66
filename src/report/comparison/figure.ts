import type { EChartsCoreOption } from 'echarts';
import type { ComparePolicy } from '../../config/sections/compare.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { epochsOf } from '../../domain/setting.ts';
import { count, formatNumber } from '../../domain/text/format.ts';
import { chartSvg, roundedEnds } from '../charts.ts';
import type { ComparePoint, Comparison } from './comparison.ts';
import { policyText } from './words.ts';

/** Okabe and Ito 2008: colours that colour-blind readers can tell apart; the symbols differ as well. */
const looks: Record<ComparePolicy, { color: string; symbol: string; width: number }> = {
  constant: { color: '#8c8c8c', symbol: 'triangle', width: 1.5 },
  linear: { color: '#E69F00', symbol: 'diamond', width: 1.5 },
  gradualWarmup: { color: '#D55E00', symbol: 'rect', width: 1.5 },
  squareRoot: { color: '#56B4E9', symbol: 'pin', width: 1.5 },
  lars: { color: '#CC79A7', symbol: 'arrow', width: 1.5 },
  greScale: { color: '#009E73', symbol: 'roundRect', width: 2.5 },
  guideline: { color: '#0072B2', symbol: 'circle', width: 2.5 },
  confirmed: { color: '#0b3c8c', symbol: 'emptyCircle', width: 3 },
};
const bandColor = '#00000018';
const ink = '#22333b';

export interface FigureOptions {
  /** Default: the primary metric. */
  metric?: string | undefined;
  title?: string | undefined;
  /** Pixels. */
  width?: number;
  height?: number;
}

/** Metric against workers, one line per policy; band: the baseline's mean and spread (thesis figures 6.4 to 6.6). */
export function comparisonSvg(data: Comparison, options: FigureOptions = {}): string {
  const { width = 900, height = 560 } = options;
  return chartSvg(figureOption(data, options), { width, height });
}

function figureOption(data: Comparison, { metric: wanted, title }: FigureOptions): EChartsCoreOption {
  const { metrics, workers, baseline, lines, simulated, comparison, epochs } = data;
  const metric = wanted ?? metrics[0] ?? 'dice';
  const n = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ runs }) => runs)));
  const warning = simulated ? ' \u2013 SIMULATED' : '';
  const text = metricTexts(data)(metric);
  const reference = baseline?.metrics[metric];
  return {
    title: {
      text: `${title ?? comparison}${warning}`,
      subtext: `mean and standard deviation of up to ${count(n, 'run')}, ${count(epochs, 'epoch')} each${longerText(
        lines.flatMap(({ points }) => points),
        epochs,
      )}; ${text.meaning}${lostText(lines.flatMap(({ points }) => points))}`,
      left: 12,
      top: 6,
      textStyle: { fontSize: 16, color: ink },
      subtextStyle: { color: '#4d5f68' },
    },
    legend: {
      bottom: 6,
      left: 64,
      right: 28,
      itemGap: 34,
      data: [
        ...(reference === undefined ? [] : ['baseline, 1 worker']),
        ...lines.map(({ policy }) => policyText[policy]),
      ],
    },
    grid: { left: 64, right: 28, top: 96, bottom: 136, containLabel: false },
    xAxis: {
      type: 'category',
      name: 'workers',
      nameLocation: 'middle',
      nameGap: 28,
      boundaryGap: true,
      data: workers.map(String),
      axisLine: { lineStyle: { color: ink } },
    },
    yAxis: {
      type: 'value',
      name: text.heading,
      nameTextStyle: { fontSize: 13, color: ink },
      scale: true,
      axisLabel: { formatter: formatNumber },
      splitLine: { lineStyle: { color: '#e3e9ec' } },
      ...extent(data, metric),
    },
    series: [
      ...(reference === undefined ? [] : [baselineSeries(reference, workers.length)]),
      ...lines.flatMap(({ policy, points }, index) =>
        policySeries({ policy, points, metric, workers, index, of: lines.length }),
      ),
    ],
  };
}

/** Settings that a study found may train longer. */
function longerText(points: readonly ComparePoint[], epochs: number): string {
  const most = Math.max(0, ...points.map(({ setting }) => (setting === null ? 0 : epochsOf(setting, epochs))));
  return most > epochs ? ` (found settings: up to ${most})` : '';
}

function lostText(points: readonly ComparePoint[]): string {
  const lost = points.reduce((sum, { diverged }) => sum + diverged, 0);
  return lost === 0 ? '' : `; ${lost} diverged (such points are not drawn)`;
}

/** Axis ends with room for every error bar and the band. */
function extent({ baseline, lines }: Comparison, metric: string): { min?: number; max?: number } {
  const summaries = [baseline, ...lines.flatMap(({ points }) => points)].flatMap((point) =>
    point === null || point.diverged > 0 ? [] : (point.metrics[metric] ?? []),
  );
  return roundedEnds(summaries.flatMap(({ mean, sd }) => [mean - (sd ?? 0), mean + (sd ?? 0)]));
}

function baselineSeries({ mean, sd }: { mean: number; sd: number | null }, length: number): object {
  return {
    name: 'baseline, 1 worker',
    type: 'line',
    data: Array.from({ length }, () => mean),
    symbol: 'none',
    lineStyle: { color: ink, type: 'dashed', width: 1.5 },
    itemStyle: { color: ink },
    markLine: {
      silent: true,
      precision: 6,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: ink, type: 'dashed', width: 1.5 },
      data: [{ yAxis: mean }],
    },
    markArea: {
      silent: true,
      itemStyle: { color: bandColor },
      data: [[{ yAxis: mean - (sd ?? 0) }, { yAxis: mean + (sd ?? 0) }]],
    },
  };
}

interface PolicyParts {
  policy: ComparePolicy;
  points: readonly ComparePoint[];
  metric: string;
  workers: readonly number[];
  /** Index of this line among `of` lines: places the error bars of one worker count side by side. */
  index: number;
  of: number;
}

/** The line, and its error bars as a custom series of the same colour. */
function policySeries({ policy, points, metric, workers, index, of }: PolicyParts): object[] {
  const { color, symbol, width } = looks[policy];
  const summaryAt = (k: number) => points.find((point) => point.workers === k && point.diverged === 0)?.metrics[metric];
  const shift = (index - (of - 1) / 2) * 4;
  const bars = workers.flatMap((k, at) => {
    const summary = summaryAt(k);
    return summary === undefined || summary.sd === null
      ? []
      : [[at, summary.mean - summary.sd, summary.mean + summary.sd]];
  });
  return [
    {
      name: policyText[policy],
      type: 'line',
      data: workers.map((k) => summaryAt(k)?.mean ?? null),
      symbol,
      symbolSize: 9,
      connectNulls: true,
      lineStyle: { color, width, opacity: 0.9 },
      itemStyle: { color },
      z: 3 + width,
    },
    {
      name: policyText[policy],
      type: 'custom',
      data: bars,
      renderItem: errorBar(color, shift),
      z: 2,
      silent: true,
    },
  ];
}

interface CustomApi {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
}

/** A vertical line from mean − sd to mean + sd with caps. */
function errorBar(color: string, shift: number) {
  return (_: unknown, api: CustomApi): object => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const [, high] = api.coord([api.value(0), api.value(2)]);
    const at = x + shift;
    const stroke = { stroke: color, lineWidth: 1.4, fill: 'none' };
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: stroke,
    });
    return {
      type: 'group',
      children: [line(at, low, at, high), line(at - 3, low, at + 3, low), line(at - 3, high, at + 3, high)],
    };
  };
}
