import * as echarts from '/vendor/echarts.js';
import { html, useEffect, useRef, useState } from './html.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * A plot with its caption. `option` is ECharts', drawn with the page's colours; `summary` says in words what it shows,
 * for those who do not see it. `zoom`: told from where to where of the horizontal axis one dragged, as text; empty for all.
 */
export function Chart({ caption, summary, option, zoom }) {
  const box = useRef(null);
  const chart = useRef(null);
  const [hidden, hide] = useState([]);
  const [, setScheme] = useState('');
  const dragged = useDrag(box, chart, zoom);
  const names = [...new Set(option.series.map(({ name }) => name))];
  const shown = {
    ...option,
    legend: { show: false, selected: Object.fromEntries(hidden.map((name) => [name, false])) },
  };
  useEffect(() => {
    chart.current = echarts.init(box.current, null, { renderer: 'canvas' });
    const resize = new ResizeObserver(() => chart.current.resize());
    resize.observe(box.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => setScheme(String(scheme.matches));
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resize.disconnect();
      chart.current.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current.setOption(themed(shown), true);
  });
  return html`<figure>
    ${names.length > 1 && html`<${Legend} names=${names} series=${option.series} hidden=${hidden} hide=${hide} />`}
    <div class="plot"><div class="chart" ref=${box} role="img" aria-label=${summary}></div>${dragged && html`<div class="dragged" style=${dragged}></div>`}</div>
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/** Where a mouse is dragged across a plot: how that is drawn; null where it is not. */
function useDrag(box, chart, zoom) {
  const told = useRef(zoom);
  told.current = zoom;
  const [span, setSpan] = useState(null);
  useEffect(() => {
    if (!zoom) return undefined;
    let start = null;
    const at = (event) => event.clientX - box.current.getBoundingClientRect().left;
    const down = (event) => {
      // A finger scrolls the page.
      const inside = chart.current.containPixel('grid', [at(event), event.offsetY]);
      if (event.pointerType !== 'touch' && event.button === 0 && inside) start = at(event);
    };
    const move = (event) => start !== null && setSpan([start, at(event)]);
    const up = (event) => {
      if (start === null) return;
      const ends = [start, at(event)].sort((a, b) => a - b);
      start = null;
      setSpan(null);
      if (ends[1] - ends[0] < 8) return;
      const [from, to] = ends.map((pixel) => Math.max(0, chart.current.convertFromPixel({ xAxisIndex: 0 }, pixel)));
      told.current(String(Math.floor(from)), String(Math.ceil(to)));
    };
    const all = () => told.current('', '');
    const element = box.current;
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
  }, [Boolean(zoom)]);
  return span && { left: `${Math.min(...span)}px`, width: `${Math.abs(span[1] - span[0])}px` };
}

/** Every series by its name, all of them in sight; a press leaves one out, and brings it back. */
function Legend({ names, series, hidden, hide }) {
  return html`<ul class="legend">${names.map((name, index) => {
    const one = series.find((each) => each.name === name);
    const colour = one.itemStyle?.color ?? lineColour(index);
    const line = `border-top-color: ${colour}; border-top-style: ${one.lineStyle?.type ?? dashOf(index)}`;
    const off = hidden.includes(name);
    return html`<li><button type="button" aria-pressed=${String(!off)} onClick=${() => hide(off ? hidden.filter((each) => each !== name) : [...hidden, name])}>
      ${one.type === 'scatter' ? html`<span class="diamond" style=${`color: ${colour}`}>◆</span>` : html`<span class="line" style=${line}></span>`} ${name}</button></li>`;
  })}</ul>`;
}

const palette = ['--accent', '--warmup', '--decay', '--good', '--bad', '--quiet'];
const dashes = ['solid', 'dashed', 'dotted'];

const lineColour = (index) => colour(palette[index % palette.length]);
/** Where the colours begin again, the lines differ. */
const dashOf = (index) => dashes[Math.floor(index / palette.length) % dashes.length];

/** The same colour and dashes for all series of a name, so that a smoothed curve has those of what was measured. */
function coloured(series) {
  const names = [...new Set(series.map(({ name }) => name))];
  return series.map((one) => {
    const index = names.indexOf(one.name);
    const own = one.itemStyle?.color ?? lineColour(index);
    return {
      ...one,
      itemStyle: { color: own, ...one.itemStyle },
      ...(one.type === 'line' && { lineStyle: { color: own, type: dashOf(index), ...one.lineStyle } }),
    };
  });
}

function themed(option) {
  const axis = (given) => ({
    nameTextStyle: { color: colour('--quiet') },
    axisLabel: { color: colour('--quiet') },
    axisLine: { lineStyle: { color: colour('--line') } },
    splitLine: { lineStyle: { color: colour('--line') } },
    ...given,
  });
  const axes = (given) => (Array.isArray(given) ? given.map(axis) : axis(given));
  return {
    animation: false,
    backgroundColor: 'transparent',
    grid: { left: 12, right: 18, top: 40, bottom: 12, containLabel: true },
    // Rich text: an HTML tooltip would need inline styles, which the page's policy forbids.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: colour('--sheet'),
      borderColor: colour('--line'),
      textStyle: { color: colour('--ink') },
    },
    ...option,
    series: coloured(option.series),
    xAxis: axes(option.xAxis),
    yAxis: axes(option.yAxis),
  };
}

export const themeColour = colour;

/** Above the vertical axis: the metric's unit, and which of its values are better. */
export function metricAxis({ axis }) {
  return { name: axis, nameLocation: 'end', nameGap: 10, nameTextStyle: { color: colour('--quiet'), align: 'left' } };
}
