import { type Phase, phases, type ScheduleSpec, scheduleFrom } from '../../../schedules/index.ts';
import { highest, rateText, titleOf } from './schedule-plot.ts';

const width = 860;
const height = 440;
const area = { left: 76, right: 24, top: 64, bottom: 64 };
const plotWidth = width - area.left - area.right;
const plotHeight = height - area.top - area.bottom;

/** Light enough for black text on top, and distinguishable by lightness as well as by hue. */
const fills: Record<Phase, string> = { warmup: '#fde8cf', stabilization: '#e3eefb', decay: '#e2f3e4' };

/** The schedule as a picture: the rate over the epochs, its phases as coloured stretches with their names. */
export function scheduleSvg(spec: ScheduleSpec): string {
  const top = highest(spec) * 1.08;
  const x = (epoch: number) => fixed(area.left + (epoch / spec.epochs) * plotWidth);
  const y = (rate: number) => fixed(area.top + plotHeight - (rate / top) * plotHeight);
  const bottom = area.top + plotHeight;
  const stretches = phases(spec).map(({ phase, from, to }) => {
    const wide = Number(x(to)) - Number(x(from));
    const middle = fixed(Number(x(from)) + wide / 2);
    const label =
      wide > 7 * phase.length ? `<text x="${middle}" y="${area.top - 8}" text-anchor="middle">${phase}</text>` : '';
    return `<rect x="${x(from)}" y="${area.top}" width="${fixed(wide)}" height="${plotHeight}" fill="${fills[phase]}"><title>${phase}, epoch ${from} to ${to}</title></rect>${label}`;
  });
  const rateTicks = ticks(top).map(
    (rate) =>
      `<line x1="${area.left}" x2="${width - area.right}" y1="${y(rate)}" y2="${y(rate)}" stroke="#0002"/><text x="${area.left - 8}" y="${y(rate)}" dy="4" text-anchor="end">${rateText(rate)}</text>`,
  );
  const epochTicks = ticks(spec.epochs).map(
    (epoch) => `<text x="${x(epoch)}" y="${bottom + 20}" text-anchor="middle">${rateText(epoch)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13" fill="#222">
<title>${titleOf(spec)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${area.left}" y="26" font-size="16" font-weight="600">${titleOf(spec)}</text>
${stretches.join('\n')}
${rateTicks.join('\n')}
<polyline points="${points(spec)
    .map(([epoch, rate]) => `${x(epoch)},${y(rate)}`)
    .join(' ')}" fill="none" stroke="#174ea6" stroke-width="2.5" stroke-linejoin="round"/>
<path d="M${area.left} ${area.top}V${bottom}H${width - area.right}" fill="none" stroke="#222"/>
${epochTicks.join('\n')}
<text x="${area.left + plotWidth / 2}" y="${height - 14}" text-anchor="middle">epoch</text>
<text transform="translate(20 ${area.top + plotHeight / 2}) rotate(-90)" text-anchor="middle">learning rate</text>
</svg>
`;
}

/** Enough points for a smooth curve, plus one just before each border, so that a jump is drawn vertically. */
function points(spec: ScheduleSpec): [number, number][] {
  const schedule = scheduleFrom(spec);
  const steps = 'milestones' in spec ? spec.milestones : [];
  const borders = [...phases(spec).map(({ from }) => from), ...steps].filter((border) => border > 0);
  const epochs = Array.from({ length: 601 }, (_, index) => (index / 600) * spec.epochs);
  epochs.push(...borders, ...borders.map((border) => border * (1 - 1e-9)));
  return epochs.sort((a, b) => a - b).map((epoch) => [epoch, schedule(epoch)]);
}

/** Four to eight round numbers from 0 to `end`. */
function ticks(end: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(end));
  const step =
    [0.1, 0.2, 0.25, 0.5, 1].map((part) => part * magnitude).find((each) => end / each <= 8) ?? magnitude * 2;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

function fixed(value: number): string {
  return value.toFixed(1);
}
