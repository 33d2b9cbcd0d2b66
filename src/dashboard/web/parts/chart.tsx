import * as echarts from 'echarts';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type LineDash, type PlotOption, type PlotSeries, themeColour } from './chart-options.ts';

/** Called with the range dragged on the horizontal axis, as text; empty for the whole axis. */
export type Zoom = (from: string, to: string) => void;

interface ChartProps {
  caption: string;
  /** A description for those who cannot see the plot. */
  summary: string;
  option: PlotOption;
  zoom?: Zoom | undefined;
}

/** A plot with a caption, in the page's colours. */
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

/** The range that a mouse is dragging across a plot, in the plot's pixels; null if there is none. */
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
      // Touch scrolls the page instead.
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

/** Lists every series by name, all of them visible; pressing one hides it or shows it again. */
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

/** The line style changes when the colours repeat. */
function dashOf(index: number): LineDash {
  return dashes[Math.floor(index / palette.length) % dashes.length]!;
}

function namesOf(series: readonly PlotSeries[]): string[] {
  return [...new Set(series.map(({ name }) => name))];
}

/** Gives all series of a name the same colour and dashes, so that a smoothed curve matches its measured one. */
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
