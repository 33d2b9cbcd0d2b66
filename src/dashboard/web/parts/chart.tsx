import * as echarts from 'echarts';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type LineDash, type PlotOption, type PlotSeries, themeColour } from './chart-options.ts';

/** Told from where to where of the horizontal axis one dragged, as text; empty for all. */
export type Zoom = (from: string, to: string) => void;

interface ChartProps {
  caption: string;
  /** In words what it shows, for those who do not see it. */
  summary: string;
  option: PlotOption;
  zoom?: Zoom | undefined;
}

/** A plot with its caption, in the page's colours. */
export function Chart({ caption, summary, option, zoom }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | null>(null);
  const [hidden, hide] = useState<string[]>([]);
  const [, setScheme] = useState('');
  const span = useDrag(box, chart, zoom);
  const names = namesOf(option.series);
  const legend = { show: false, selected: Object.fromEntries(hidden.map((name) => [name, false])) };
  useEffect(() => {
    const plot = echarts.init(box.current, null, { renderer: 'canvas' });
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.resize());
    if (box.current) resize.observe(box.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => setScheme(String(scheme.matches));
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resize.disconnect();
      plot.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption({ ...themed(option), legend }, true);
  });
  return (
    <figure>
      {names.length > 1 && <Legend names={names} series={option.series} hidden={hidden} hide={hide} />}
      <div class="plot">
        <div class="chart" ref={box} role="img" aria-label={summary} />
        {span && <div class="dragged" style={{ left: `${span.left}px`, width: `${span.width}px` }} />}
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

/** Where a mouse is dragged across a plot, in pixels of it; null where it is not. */
function useDrag(
  box: RefObject<HTMLDivElement | null>,
  chart: RefObject<echarts.ECharts | null>,
  zoom: Zoom | undefined,
) {
  const told = useRef(zoom);
  told.current = zoom;
  const [span, setSpan] = useState<[number, number] | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!told.current || element === null) return undefined;
    let start: number | null = null;
    const at = (event: MouseEvent) => event.clientX - element.getBoundingClientRect().left;
    const down = (event: PointerEvent) => {
      // A finger scrolls the page.
      const inside = chart.current?.containPixel('grid', [at(event), event.offsetY]);
      if (event.pointerType !== 'touch' && event.button === 0 && inside) start = at(event);
    };
    const move = (event: PointerEvent) => {
      if (start !== null) setSpan([start, at(event)]);
    };
    const up = (event: PointerEvent) => {
      if (start === null) return;
      const [left, right] = [Math.min(start, at(event)), Math.max(start, at(event))];
      start = null;
      setSpan(null);
      if (right - left < 8) return;
      const valueAt = (pixel: number) =>
        Math.max(0, Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, pixel) ?? 0));
      told.current?.(String(Math.floor(valueAt(left))), String(Math.ceil(valueAt(right))));
    };
    const all = () => told.current?.('', '');
    element.addEventListener('pointerdown', down);
    element.addEventListener('dblclick', all);
    addEventListener('pointermove', move);
    addEventListener('pointerup', up);
    return () => {
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('dblclick', all);
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', up);
    };
  }, [zoom !== undefined]);
  return span && { left: Math.min(...span), width: Math.abs(span[1] - span[0]) };
}

interface LegendProps {
  names: string[];
  series: readonly PlotSeries[];
  hidden: string[];
  hide: (names: string[]) => void;
}

/** Every series by its name, all of them in sight; a press leaves one out, and brings it back. */
function Legend({ names, series, hidden, hide }: LegendProps) {
  return (
    <ul class="legend">
      {names.map((name, index) => {
        const one = series.find((each) => each.name === name);
        const colour = one?.itemStyle?.color ?? lineColour(index);
        const dash = (one?.type === 'line' && one.lineStyle?.type) || dashOf(index);
        const off = hidden.includes(name);
        return (
          <li key={name}>
            <button
              type="button"
              aria-pressed={!off}
              onClick={() => hide(off ? hidden.filter((each) => each !== name) : [...hidden, name])}
            >
              {one?.type === 'scatter' ? (
                <span class="diamond" style={`color: ${colour}`}>
                  ◆
                </span>
              ) : (
                <span class="line" style={`border-top-color: ${colour}; border-top-style: ${dash}`} />
              )}{' '}
              {name}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const palette = ['--accent', '--warmup', '--decay', '--good', '--bad', '--quiet'];
const dashes: LineDash[] = ['solid', 'dashed', 'dotted'];

function lineColour(index: number): string {
  return themeColour(palette[index % palette.length]!);
}

/** Where the colours begin again, the lines differ. */
function dashOf(index: number): LineDash {
  return dashes[Math.floor(index / palette.length) % dashes.length]!;
}

function namesOf(series: readonly PlotSeries[]): string[] {
  return [...new Set(series.map(({ name }) => name))];
}

/** The same colour and dashes for all series of a name, so that a smoothed curve has those of what was measured. */
function coloured(series: readonly PlotSeries[]): PlotSeries[] {
  const names = namesOf(series);
  return series.map((one) => {
    const index = names.indexOf(one.name);
    const own = one.itemStyle?.color ?? lineColour(index);
    return one.type === 'line'
      ? { ...one, itemStyle: { color: own }, lineStyle: { color: own, type: dashOf(index), ...one.lineStyle } }
      : { ...one, itemStyle: { color: own } };
  });
}

function themed(option: PlotOption) {
  const axis = {
    nameTextStyle: { color: themeColour('--quiet') },
    axisLabel: { color: themeColour('--quiet') },
    axisLine: { lineStyle: { color: themeColour('--line') } },
    splitLine: { lineStyle: { color: themeColour('--line') } },
  };
  return {
    animation: false,
    backgroundColor: 'transparent',
    // Rich text: an HTML tooltip would need inline styles, which the page's policy forbids.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: themeColour('--sheet'),
      borderColor: themeColour('--line'),
      textStyle: { color: themeColour('--ink') },
    },
    grid: option.grid,
    series: coloured(option.series),
    xAxis: { ...axis, ...option.xAxis },
    yAxis: { ...axis, ...option.yAxis },
  } satisfies echarts.EChartsOption;
}
