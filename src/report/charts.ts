import * as echarts from 'echarts';
import type { MetricText } from '../domain/metric/text.ts';
import { formatNumber } from '../domain/text/format.ts';

const ink = '#22333b';
const line = '#d5dde1';

/** An ECharts option as an SVG element, drawn without a browser. Size in pixels. */
export function chartSvg(option: echarts.EChartsCoreOption, { width = 860, height = 360 } = {}): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: 'system-ui, DejaVu Sans, sans-serif', color: ink },
      color: ['#0f6d78', '#d98e04', '#6c4fb3', '#1b6e3c', '#a8321d', '#4d5f68'],
      grid: { left: 16, right: 24, top: 44, bottom: 40, containLabel: true },
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

export interface Line {
  name: string;
  points: [x: number, y: number | null][];
}

/** A plot of lines over epochs. */
export function lineChart(lines: Line[], { x, y }: { x: string; y: string }): string {
  // A picture cannot be scrolled, so the legend gets as many rows as it needs.
  const legendRows = Math.ceil(lines.reduce((width, { name }) => width + 58 + 7 * name.length, 0) / 780);
  const top = 24 + 22 * legendRows;
  return chartSvg(
    {
      legend: { top: 8, left: 16, right: 16, itemGap: 14, icon: 'roundRect', itemHeight: 4 },
      grid: { left: 16, right: 24, top: top + 20, bottom: 40, containLabel: true },
      xAxis: {
        type: 'value',
        name: x,
        nameLocation: 'middle',
        nameGap: 26,
        minInterval: 1,
        axisLine: { lineStyle: { color: ink } },
        splitLine: { lineStyle: { color: line } },
      },
      yAxis: {
        type: 'value',
        name: y,
        nameLocation: 'end',
        nameGap: 12,
        nameTextStyle: { color: ink, align: 'left' },
        scale: true,
        axisLine: { lineStyle: { color: ink } },
        splitLine: { lineStyle: { color: line } },
      },
      series: lines.map(({ name, points }) => ({ name, type: 'line', showSymbol: points.length < 2, data: points })),
    },
    { height: 316 + top },
  );
}

export interface IterationPoint {
  label: string;
  /** Means by metric; absent where nothing was measured. */
  values: Record<string, number>;
}

/** Round axis ends that enclose all these values; the lower end is negative only if a value is. */
export function roundedEnds(values: readonly number[]): { min?: number; max?: number } {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return {};
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const step = 10 ** Math.floor(Math.log10(high - low || Math.abs(high) || 1)) / 2;
  const min = Number((Math.floor(low / step - 0.2) * step).toPrecision(6));
  return { min: low >= 0 ? Math.max(0, min) : min, max: Number((Math.ceil(high / step + 0.2) * step).toPrecision(6)) };
}

/** Metrics of one unit and direction by iteration, with the baseline's mean ± sd of the first metric as a band. */
export function iterationChart(
  points: IterationPoint[],
  texts: readonly MetricText[],
  baseline: { mean: number; sd: number | null } | null,
): string {
  const [primary] = texts;
  const fraction = primary?.fraction ?? true;
  // ECharts fits the axis to the curves alone; the whole band must be visible too.
  const [low, high] = baseline
    ? [baseline.mean - (baseline.sd ?? 0), baseline.mean + (baseline.sd ?? 0)]
    : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  type Extent = { min: number; max: number };
  const band = baseline && {
    markLine: {
      silent: true,
      symbol: 'none',
      // ECharts would round the value to two digits.
      precision: 9,
      lineStyle: { color: '#0f6d78', type: 'dashed' },
      label: { formatter: 'baseline', position: 'end', color: ink },
      data: [{ yAxis: baseline.mean }],
    },
    markArea: {
      silent: true,
      itemStyle: { color: '#0f6d78', opacity: 0.14 },
      data: [[{ yAxis: low }, { yAxis: high }]],
    },
  };
  return chartSvg({
    legend: { top: 8, itemGap: 28 },
    grid: { left: 16, right: baseline ? 68 : 24, top: 44, bottom: 40, containLabel: true },
    xAxis: {
      type: 'category',
      name: 'iteration',
      nameLocation: 'middle',
      nameGap: 26,
      data: points.map(({ label }) => label),
      axisLine: { lineStyle: { color: ink } },
    },
    yAxis: {
      type: 'value',
      name: primary?.axis,
      nameLocation: 'end',
      nameGap: 12,
      nameTextStyle: { color: ink, align: 'left' },
      ...(fraction
        ? {
            min: ({ min }: Extent) => Math.floor(100 * Math.min(min, low) - 0.5) / 100,
            max: ({ max }: Extent) => Math.min(1, Math.ceil(100 * Math.max(max, high) + 0.5) / 100),
          }
        : roundedEnds([low, high, ...points.flatMap(({ values }) => texts.map(({ name }) => values[name] ?? low))])),
      axisLabel: { formatter: formatNumber },
      splitLine: { lineStyle: { color: line } },
    },
    series: texts.map(({ name: metric, heading }, index) => ({
      name: heading,
      type: 'line',
      symbolSize: 8,
      connectNulls: true,
      data: points.map(({ values }) => values[metric] ?? null),
      ...(index === 0 && band),
    })),
  });
}
