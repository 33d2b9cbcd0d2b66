import type { AnswerAt } from '../../views.ts';
import { type LineSeries, metricAxis, type PlotOption, themeColour } from '../parts/chart-options.ts';
import { plottable } from '../parts/format.ts';
import { type MetricWords, metricWords } from '../parts/metric.ts';

type Study = AnswerAt<`/studies/${string}`>;

interface Extent {
  min: number;
  max: number;
}

/** A baseline's mean and the spread around it. */
interface Band extends Extent {
  mean: number;
}

/** Plots the primary metric and those that share its unit and direction: others do not belong on its axis. */
export function metricOption({ points, metrics, definitions, baseline }: Study, text: MetricWords): PlotOption {
  const drawn = metrics.flatMap((metric, at) => {
    const words = metricWords(metric, definitions);
    return words.axis === text.axis && words.fraction === text.fraction ? [{ words, at }] : [];
  });
  const band = bandOf(baseline?.metrics[text.name]);
  const valuesOf = (kind: Study['points'][number]['kind'], at: number) =>
    points.filter((one) => one.kind === kind).map((one) => [one.iteration, plottable(one.means[at])]);
  return {
    xAxis: {
      type: 'value',
      name: 'iteration',
      nameLocation: 'middle',
      nameGap: 26,
      minInterval: 1,
      min: ({ min }: Extent) => Math.min(min, 0),
      max: ({ max }: Extent) => Math.max(max, 1),
    },
    yAxis: {
      type: 'value',
      ...metricAxis(text),
      ...boundsOf(text, band),
      axisLabel: { formatter: text.tick, color: themeColour('--quiet'), showMinLabel: false, showMaxLabel: false },
    },
    grid: { left: 12, right: band ? 62 : 18, top: 40, bottom: 34, containLabel: true },
    series: [
      ...drawn.map(
        ({ words, at }, index): LineSeries => ({
          name: words.heading,
          type: 'line',
          clip: false,
          showSymbol: points.length <= 100,
          symbolSize: 8,
          data: valuesOf('iteration', at),
          ...(index === 0 && band && marksOf(band)),
        }),
      ),
      {
        name: `${text.heading} of validating runs`,
        type: 'scatter',
        clip: false,
        symbol: 'diamond',
        symbolSize: 12,
        itemStyle: { color: themeColour('--warmup') },
        data: valuesOf('validation', 0),
      },
    ],
  };
}

function bandOf(reference: NonNullable<Study['baseline']>['metrics'][string] | undefined): Band | null {
  const mean = plottable(reference?.mean);
  if (mean === null) return null;
  const sd = plottable(reference?.sd) ?? 0;
  return { mean, min: mean - sd, max: mean + sd };
}

/** ECharts fits the axis to the curves alone, but the whole band must be visible, with room above and below. */
function boundsOf({ fraction }: MetricWords, band: Band | null) {
  const reach = ({ min, max }: Extent): Extent =>
    band ? { min: Math.min(min, band.min), max: Math.max(max, band.max) } : { min, max };
  const room = (extent: Extent) => 0.08 * (reach(extent).max - reach(extent).min) || 0.01;
  // A share of 1 ends at half points and at 100 %, anything else near its curve; below 0 only if a value is.
  const lowest = (low: number, min: number) => {
    const rounded = fraction ? Math.floor(200 * low) / 200 : Number(low.toPrecision(3));
    return min >= 0 ? Math.max(0, rounded) : rounded;
  };
  const highest = (high: number) => (fraction ? Math.min(1, Math.ceil(200 * high) / 200) : Number(high.toPrecision(3)));
  return {
    min: (extent: Extent) => lowest(reach(extent).min - room(extent), extent.min),
    max: (extent: Extent) => highest(reach(extent).max + room(extent)),
  };
}

function marksOf({ mean, min, max }: Band): Pick<LineSeries, 'markArea' | 'markLine'> {
  return {
    markArea: {
      silent: true,
      itemStyle: { color: themeColour('--accent'), opacity: 0.15 },
      data: [[{ yAxis: min }, { yAxis: max }]],
    },
    markLine: {
      // ECharts would round the value to two digits: 0.8638 to 0.86.
      precision: 9,
      silent: true,
      symbol: 'none',
      lineStyle: { color: themeColour('--accent'), type: 'dashed' },
      label: { formatter: 'baseline', color: themeColour('--quiet'), position: 'end', distance: 6 },
      data: [{ yAxis: mean }],
    },
  };
}
