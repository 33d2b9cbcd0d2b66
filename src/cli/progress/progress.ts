import pc from 'picocolors';
import type { ProgressEvent } from '../../domain/progress.ts';
import { toWire } from '../../protocol/number.ts';
import { wrap } from '../../report/tables/text-width.ts';
import { liveLines } from './bars.ts';
import { lastingLines, plainLines } from './lines.ts';
import { liveRegion, type TextStream } from './live-region.ts';
import { printableEvent } from './printable-event.ts';
import { applyProgress, emptyProgress } from './state.ts';

export interface ProgressViewOptions {
  stream: TextStream;
  /** Print one JSON object per line and nothing else. */
  json?: boolean;
  /** Print only warnings and the end. */
  quiet?: boolean;
  /** Default: as the terminal and NO_COLOR allow. */
  color?: boolean;
  /** Redraw in place. Default: in a terminal that can. */
  live?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Takes the engine's progress events; `close` ends the live view, leaving what it last showed. */
export type ProgressView = ((event: ProgressEvent) => void) & { close: () => void };

/** Minimum number of milliseconds between two redraws. */
const frameMs = 80;
/** Milliseconds between two redraws when nothing happens, so that clocks keep running. */
const tickMs = 1000;

/** Shows a study's progress: live in a terminal, as plain lines elsewhere, as JSON lines with `json`. */
export function createProgressView({
  stream,
  json = false,
  quiet = false,
  color = stream.isTTY === true && pc.isColorSupported,
  live = stream.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
  now = Date.now,
}: ProgressViewOptions): ProgressView {
  if (json) return jsonView(stream);
  if (quiet) return quietView(plainView({ stream, color, now }));
  return live ? liveView({ stream, color, now }) : plainView({ stream, color, now });
}

function jsonView(stream: TextStream): ProgressView {
  const view = (event: ProgressEvent) => {
    const text = JSON.stringify(event, (_, value: unknown) => (typeof value === 'number' ? toWire(value) : value));
    stream.write(`${text}\n`);
  };
  return Object.assign(view, { close: () => {} });
}

function quietView(whole: ProgressView): ProgressView {
  const view = (event: ProgressEvent) => {
    if (event.type === 'warning' || event.type === 'study.ended') whole(event);
  };
  return Object.assign(view, { close: whole.close });
}

interface ViewOptions {
  stream: TextStream;
  color: boolean;
  now: () => number;
}

function plainView({ stream, color, now }: ViewOptions): ProgressView {
  const colors = pc.createColors(color);
  const state = emptyProgress();
  const view = (raw: ProgressEvent) => {
    const event = printableEvent(raw);
    const lines = plainLines(event, state, colors);
    applyProgress(state, event, now());
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
  };
  return Object.assign(view, { close: () => {} });
}

function liveView({ stream, color, now }: ViewOptions): ProgressView {
  const colors = pc.createColors(color);
  const state = emptyProgress();
  const region = liveRegion(stream);
  let lasting: string[] = [];
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;
  const draw = () => {
    clearTimeout(pending);
    pending = undefined;
    lastDrawn = now();
    // One column is left free: a full line would wrap on some terminals.
    region.draw(lasting, liveLines(state, { width: (stream.columns ?? 80) - 1, nowMs: lastDrawn, colors }));
    lasting = [];
  };
  const tick = setInterval(draw, tickMs).unref();
  const close = () => {
    clearInterval(tick);
    draw();
  };
  const view = (raw: ProgressEvent) => {
    const event = printableEvent(raw);
    // A terminal whose size was never set has 0 columns.
    const width = (stream.columns || 80) - 1;
    lasting.push(...lastingLines(event, state, colors).flatMap((line) => wrap(line, width)));
    applyProgress(state, event, now());
    const ended = event.type === 'study.ended' || event.type === 'study.stopped';
    const wait = lastDrawn + frameMs - now();
    if (ended) close();
    else if (wait <= 0) draw();
    else pending ??= setTimeout(draw, wait).unref();
  };
  return Object.assign(view, { close });
}
