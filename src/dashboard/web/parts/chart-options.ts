import type { LineSeriesOption, ScatterSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { MetricWords } from './metric.ts';

type Line = Omit<LineSeriesOption, 'itemStyle' | 'lineStyle'>;
type Scatter = Omit<ScatterSeriesOption, 'itemStyle'>;

interface Named {
  name: string;
  itemStyle?: { color: string };
}

export interface LineSeries extends Line, Named {
  name: string;
  type: 'line';
  lineStyle?: { color?: string; type?: LineDash; opacity?: number };
}

export interface ScatterSeries extends Scatter, Named {
  name: string;
  type: 'scatter';
}

export type PlotSeries = LineSeries | ScatterSeries;
export type LineDash = 'solid' | 'dashed' | 'dotted';

/** ECharts options, without those shared by all plots of the page. */
export interface PlotOption {
  xAxis: XAXisComponentOption;
  yAxis: YAXisComponentOption;
  grid: { left: number; right: number; top: number; bottom: number; containLabel: boolean };
  series: PlotSeries[];
}

/** A curve's points; null marks a gap. */
export interface Curve {
  name: string;
  values: [x: number, y: number | null][];
  colour?: string;
  /** Drawn behind its smoothed curve. */
  faint?: boolean;
}

export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The label above the vertical axis: the metric's unit, and whether higher or lower is better. */
export function metricAxis({ axis }: Pick<MetricWords, 'axis'>) {
  return {
    name: axis,
    nameLocation: 'end',
    nameGap: 10,
    nameTextStyle: { color: themeColour('--quiet'), align: 'left' },
  } as const;
}

export interface LineOptions {
  axisName: string;
  /** Start of the horizontal axis; default 0. */
  start?: number;
  /** End of the horizontal axis, so that a curve grows into its frame. */
  end?: number | undefined;
  /** Words for the metric that is drawn, which name the vertical axis. */
  text?: MetricWords;
  format?: ((value: number) => string) | undefined;
  /** Whether the vertical axis starts at 0. */
  zero?: boolean;
  /** The range of epochs to show; empty: no limit. */
  view?: { from: string; to: string };
  /** Whether the vertical axis is logarithmic, which leaves out values of 0 and below. */
  log?: boolean;
}

const wholeView = { from: '', to: '' };

/** A plot of curves. */
export function lineOption(
  curves: readonly Curve[],
  { axisName, start, end, text, format = text?.tick, zero = false, view = wholeView, log = false }: LineOptions,
): PlotOption & { series: LineSeries[] } {
  const min = view.from ? Number(view.from) : start;
  const max = Number(view.to) || end;
  return {
    xAxis: {
      type: 'value',
      name: axisName,
      nameLocation: 'middle',
      nameGap: 26,
      minInterval: 1,
      ...(max && { max }),
      ...(min !== undefined && { min }),
    },
    yAxis: {
      ...(log ? { type: 'log' } : { type: 'value', scale: !zero }),
      // Room above the highest point, but none above 100 %.
      max: ({ max: highest }: { max: number }) => (text?.fraction && highest > 0.9 && highest <= 1 ? 1 : undefined),
      ...(text && metricAxis(text)),
      boundaryGap: [0, '6%'],
      ...(format && { axisLabel: { formatter: format, color: themeColour('--quiet') } }),
    },
    grid: { left: 12, right: 18, top: text ? 32 : 18, bottom: 34, containLabel: true },
    series: curves.map(({ name, values, colour, faint }) => ({
      name,
      type: 'line',
      showSymbol: values.length === 1,
      data: log ? values.map(([x, y]) => [x, y !== null && y > 0 ? y : null]) : values,
      ...(colour && { itemStyle: { color: colour } }),
      ...(faint && { lineStyle: { opacity: 0.25 }, tooltip: { show: false }, silent: true }),
    })),
  };
}

/** The caption of a loss curve. */
export function lossCaption({ log }: { log: string }): string {
  return `Training loss ↓${log === 'loss' ? ', logarithmic: 0 and below are not drawn' : ''}`;
}
