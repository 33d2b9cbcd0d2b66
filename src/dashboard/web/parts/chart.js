import * as echarts from '/vendor/echarts.js';
import { html, useEffect, useRef } from './html.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * A plot with its caption. `option` is ECharts', drawn with the page's colours; `summary` says in words what it shows,
 * for those who do not see it.
 */
export function Chart({ caption, summary, option }) {
  const box = useRef(null);
  const chart = useRef(null);
  useEffect(() => {
    chart.current = echarts.init(box.current, null, { renderer: 'canvas' });
    const resize = new ResizeObserver(() => chart.current.resize());
    resize.observe(box.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => chart.current.setOption(themed(option), true);
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resize.disconnect();
      chart.current.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current.setOption(themed(option), true);
  }, [option]);
  return html`<figure>
    <div class="chart" ref=${box} role="img" aria-label=${summary}></div>
    <figcaption>${caption}</figcaption>
  </figure>`;
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
    color: ['--accent', '--warmup', '--decay', '--good', '--bad'].map(colour),
    grid: { left: 12, right: 18, top: 40, bottom: 12, containLabel: true },
    // Rich text: an HTML tooltip would need inline styles, which the page's policy forbids.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: colour('--sheet'),
      borderColor: colour('--line'),
      textStyle: { color: colour('--ink') },
    },
    legend: {
      show: option.series.length > 1,
      type: 'scroll',
      top: 6,
      icon: 'roundRect',
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { color: colour('--ink') },
      pageIconColor: colour('--accent'),
      pageIconInactiveColor: colour('--line'),
      pageTextStyle: { color: colour('--quiet') },
    },
    ...option,
    xAxis: axes(option.xAxis),
    yAxis: axes(option.yAxis),
  };
}

export const themeColour = colour;

/** Above the vertical axis: the metric's unit, and which of its values are better. */
export function metricAxis({ axis }) {
  return { name: axis, nameLocation: 'end', nameGap: 10, nameTextStyle: { color: colour('--quiet'), align: 'left' } };
}
