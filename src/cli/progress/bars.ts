import type { Colors } from 'picocolors/types.js';
import { formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { truncate, visibleWidth } from '../../report/tables/text-width.ts';
import { primaryMetric, runName } from './lines.ts';
import { type LiveRun, type ProgressState, secondsLeft } from './state.ts';

export interface BarOptions {
  /** Columns of the terminal. */
  width: number;
  nowMs: number;
  colors: Colors;
}

/** The lines of the view redrawn in place: why the runs were started, one line per run, what is awaited, time left. */
export function liveLines(state: ProgressState, { width, nowMs, colors }: BarOptions): string[] {
  const lines: string[] = [];
  const runs = [...state.runs.values()];
  const why = [...new Set(runs.map(({ started }) => started.why))];
  for (const reason of why.slice(0, 2)) lines.push(colors.dim(oneLine(reason)));
  for (const run of runs) lines.push(runLine(run, state, { width, nowMs, colors }));
  if (state.waiting !== null) lines.push(colors.dim(`waiting: ${oneLine(state.waiting)}`));
  const footer = footerText(state, nowMs);
  if (footer !== '') lines.push(colors.dim(footer));
  return lines.map((line) => truncate(line, width));
}

interface Cell {
  text: string;
  /** On a narrow terminal lower ranks are dropped first; 0 is never dropped. */
  rank: number;
}

function runLine(
  { started, startedMs, epoch }: LiveRun,
  state: ProgressState,
  { width, nowMs, colors }: BarOptions,
): string {
  const done = epoch?.epoch ?? 0;
  const epochs = epoch?.epochs ?? started.epochs;
  const cells: Cell[] = [
    { text: colors.bold(runName(started.request)), rank: 0 },
    { text: bar(done / epochs, 20, colors), rank: 2 },
    { text: `${String(done).padStart(String(epochs).length)}/${epochs}`, rank: 0 },
  ];
  const attempt = started.attempt > 1 ? `attempt ${started.attempt}` : '';
  const primary = primaryMetric(epoch?.metrics ?? null, state);
  if (epoch?.phase) cells.push({ text: colors.cyan(epoch.phase), rank: 3 });
  if (epoch !== null && epoch.lr !== null) cells.push({ text: `rate ${formatNumber(epoch.lr)}`, rank: 4 });
  if (epoch !== null && epoch.loss !== null) cells.push({ text: `loss ${formatNumber(epoch.loss)}`, rank: 5 });
  if (primary !== null) cells.push({ text: colors.green(primary), rank: 6 });
  if (epoch === null) cells.push({ text: colors.dim('starting'), rank: 3 });
  if (attempt !== '') cells.push({ text: colors.yellow(attempt), rank: 2.5 });
  const seconds = Math.floor((nowMs - startedMs) / 1000);
  if (seconds >= 1) cells.push({ text: colors.dim(formatSeconds(seconds)), rank: 1 });
  return leaveOut(cells, width);
}

/** Drops cells by rank until the line fits. */
function leaveOut(cells: readonly Cell[], width: number): string {
  let kept = [...cells];
  const text = () => kept.map((cell) => cell.text).join('  ');
  while (visibleWidth(text()) > width) {
    const least = Math.min(...kept.filter(({ rank }) => rank > 0).map(({ rank }) => rank));
    if (!Number.isFinite(least)) break;
    kept = kept.filter(({ rank }) => rank !== least);
  }
  return text();
}

function bar(fraction: number, width: number, colors: Colors): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return colors.green('\u2588'.repeat(full)) + colors.dim('\u2591'.repeat(width - full));
}

function footerText(state: ProgressState, nowMs: number): string {
  const parts: string[] = [];
  const left = secondsLeft(state, nowMs);
  if (left !== null)
    parts.push(`about ${formatSeconds(Math.ceil(left))} left for ${state.runs.size > 1 ? 'these runs' : 'this run'}`);
  const atMost = state.estimate?.atMostSeconds ?? null;
  if (atMost !== null) parts.push(`at most ${formatSeconds(Math.ceil(atMost))} for the study`);
  if (state.study?.simulated && state.runs.size > 0) parts.push('simulated');
  return parts.join(', ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
