import { type CaseMetricName, countNames, distanceNames } from './case-metric-names.ts';
import type { Label } from './label.ts';
import type { MetricSummary } from './summary.ts';

const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const panel = { top: 46, height: 260, left: 56, step: 26, gap: 40 };

/** Box plots of all metrics but counts: shares on the left, millimetres on the right; one colour per class. */
export function boxPlotSvg(summaries: readonly MetricSummary[], labelNames: ReadonlyMap<Label, string>): string {
  const shown = summaries.filter(
    ({ n, metric, quartiles }) => n > 0 && !countNames.includes(metric) && quartiles.every(Number.isFinite),
  );
  const labels = [...new Set(shown.map(({ label }) => label))];
  const isDistance = (metric: CaseMetricName) => distanceNames.includes(metric);
  const shares = shown.filter(({ metric }) => !isDistance(metric));
  const distances = shown.filter(({ metric }) => isDistance(metric));
  const left = panelSvg(shares, labels, panel.left, { bottom: shareBottom(shares), top: 1 }, 'share');
  const millimetres = { bottom: 0, top: niceTop(distances) };
  const right = panelSvg(distances, labels, left.end + panel.gap + panel.left, millimetres, 'millimetres');
  const width = right.end + 20;
  const height = panel.top + panel.height + 210;
  const legend = labels.map((label, index) => {
    const x = panel.left + index * 150;
    const name = escaped(labelNames.get(label) ?? `label ${label}`);
    return `<rect x="${x}" y="14" width="12" height="12" fill="${colourOf(index)}"/><text x="${x + 18}" y="24">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...legend,
    left.svg,
    right.svg,
    '</svg>',
    '',
  ].join('\n');
}

function panelSvg(
  summaries: readonly MetricSummary[],
  labels: readonly Label[],
  x0: number,
  { bottom, top }: { bottom: number; top: number },
  unit: string,
) {
  const metrics = [...new Set(summaries.map(({ metric }) => metric))];
  const group = panel.step * labels.length + 12;
  const end = x0 + Math.max(1, metrics.length) * group;
  const y = (value: number) => panel.top + panel.height * (1 - (value - bottom) / (top - bottom));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = bottom + share * (top - bottom);
    return `<line x1="${x0}" x2="${end}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${x0 - 6}" y="${y(value) + 4}" text-anchor="end">${Number(value.toPrecision(3))}</text>`;
  });
  const boxes = summaries.map(({ metric, label, quartiles, mean }) => {
    const index = labels.indexOf(label);
    const centre = x0 + metrics.indexOf(metric) * group + 6 + panel.step * (index + 0.5);
    const [least, low, median, high, most] = quartiles.map((value) => y(value).toFixed(1));
    const colour = colourOf(index);
    return [
      `<line x1="${centre}" x2="${centre}" y1="${least}" y2="${most}" stroke="${colour}"/>`,
      `<rect x="${centre - 8}" y="${high}" width="16" height="${Math.max(1, Number(low) - Number(high))}" fill="#fff" stroke="${colour}" stroke-width="1.5"/>`,
      `<line x1="${centre - 8}" x2="${centre + 8}" y1="${median}" y2="${median}" stroke="${colour}" stroke-width="3"/>`,
      `<circle cx="${centre}" cy="${y(mean).toFixed(1)}" r="2.5" fill="${colour}"/>`,
    ].join('');
  });
  const names = metrics.map((metric, index) => {
    const x = x0 + (index + 0.5) * group;
    const text = panel.top + panel.height + 16;
    return `<text x="${x}" y="${text}" text-anchor="end" transform="rotate(-40 ${x} ${text})">${inWords(metric)}</text>`;
  });
  const title = `<text x="${x0}" y="${panel.top - 8}" fill="#666">${unit}</text>`;
  return { svg: [title, ...ticks, ...boxes, ...names].join('\n'), end };
}

function colourOf(index: number): string {
  return colours[index % colours.length]!;
}

/** The smallest value rounded down to a tenth: on a full axis, masks that agree well would all lie on one line. */
function shareBottom(summaries: readonly MetricSummary[]): number {
  const least = Math.min(0.9, ...summaries.map(({ quartiles }) => quartiles[0]));
  return Math.max(0, Math.floor(least * 10 + 1e-9) / 10);
}

/** The largest value rounded up to a number whose quarters have few digits. */
function niceTop(summaries: readonly MetricSummary[]): number {
  const most = Math.max(1e-6, ...summaries.map(({ quartiles }) => quartiles[4]));
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((factor) => factor * power >= most) ?? 10);
}

/** `averageSurfaceDistanceMm` → `average surface distance`: the panel names the unit. */
function inWords(metric: CaseMetricName): string {
  return metric
    .replace(/Mm$/, '')
    .replace(/[A-Z]|\d+/g, (part) => ` ${part.toLowerCase()}`)
    .trim();
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
