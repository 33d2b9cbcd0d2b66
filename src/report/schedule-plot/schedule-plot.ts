import { type PhaseSpan, phases, type ScheduleSpec, scheduleFrom } from '../../../schedules/index.ts';
import { count } from '../../domain/text/format.ts';

export interface SchedulePlotOptions {
  /** Characters across the plot area, without axis labels. */
  width?: number;
  /** Lines of the plot area. */
  height?: number;
}

/** Eighths of a character cell, from empty to full. */
const blocks = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The schedule as a bar chart for a terminal: the rate over the epochs, its phases underneath, then its numbers. */
export function schedulePlot(spec: ScheduleSpec, { width = 72, height = 14 }: SchedulePlotOptions = {}): string {
  const schedule = scheduleFrom(spec);
  const rates = Array.from({ length: width }, (_, column) => schedule(((column + 0.5) / width) * spec.epochs));
  const top = highest(spec);
  const labels = [top, top / 2, 0].map(rateText);
  const margin = Math.max(...labels.map((label) => label.length));
  const rows = Array.from({ length: height }, (_, row) => {
    const label = row === 0 ? labels[0] : row === Math.floor(height / 2) ? labels[1] : '';
    return `${label!.padStart(margin)} ┤${bars(rates, top, height, height - 1 - row)}`.trimEnd();
  });
  const indent = ' '.repeat(margin + 2);
  const spans = phases(spec);
  return [
    titleOf(spec),
    '',
    ...rows,
    `${labels[2]!.padStart(margin)} ┼${'─'.repeat(width)}`,
    indent + epochTicks(spec.epochs, width),
    indent + brackets(spans, spec.epochs, width),
    '',
    ...spans.map((span) => phaseLine(spec, span)),
  ].join('\n');
}

export function titleOf({ policy, workers, epochs, initialLr }: ScheduleSpec): string {
  return `${policy === 'greScale' ? 'GreScale' : policy}: learning rate over ${count(epochs, 'epoch')}, ${count(workers, 'worker')}, initial rate ${rateText(initialLr)}`;
}

/** The highest rate: every policy reaches it at the start of an epoch, at a phase border, or where a cycle turns. */
export function highest(spec: ScheduleSpec): number {
  const schedule = scheduleFrom(spec);
  const fine = Array.from({ length: 20 * spec.epochs + 1 }, (_, index) => schedule(index / 20));
  return Math.max(...fine, ...phases(spec).map(({ from }) => schedule(from)));
}

/** Four significant digits, without trailing zeros. */
export function rateText(rate: number): string {
  return String(Number(rate.toPrecision(4)));
}

function bars(rates: readonly number[], top: number, height: number, level: number): string {
  return rates
    .map((rate) => blocks[Math.max(0, Math.min(8, Math.round(((rate / top) * height - level) * 8)))])
    .join('');
}

function epochTicks(epochs: number, width: number): string {
  const line = Array.from({ length: width + 4 }, () => ' ');
  const count = Math.min(8, epochs);
  for (let tick = 0; tick <= count; tick++) {
    const epoch = Math.round((tick / count) * epochs);
    const text = String(epoch);
    line.splice(Math.round((epoch / epochs) * width), text.length, ...text);
  }
  return `${line.join('').trimEnd()} epoch`;
}

/** `├─ warmup ─┤`, as wide as the phase is long; the name is cut where it does not fit. */
function brackets(spans: readonly PhaseSpan[], epochs: number, width: number): string {
  return spans
    .map(({ phase, from, to }) => {
      const room = Math.round((to / epochs) * width) - Math.round((from / epochs) * width);
      if (room < 3) return '│'.repeat(room);
      const name = room - 2 >= phase.length + 2 ? ` ${phase} ` : phase.slice(0, room - 2);
      const left = Math.floor((room - 2 - name.length) / 2);
      return `├${'─'.repeat(left)}${name}${'─'.repeat(room - 2 - name.length - left)}┤`;
    })
    .join('');
}

function phaseLine(spec: ScheduleSpec, { phase, from, to }: PhaseSpan): string {
  const schedule = scheduleFrom(spec);
  const [first, last] = [schedule(from), schedule(to === spec.epochs ? to : to - (to - from) * 1e-9)].map(rateText);
  const length = `${rateText(to - from)} epochs`.padEnd(14);
  return `  ${phase.padEnd(14)}epoch ${`${rateText(from)} to ${rateText(to)}`.padEnd(16)}${length}rate ${first}${first === last ? '' : ` to ${last}`}`;
}
