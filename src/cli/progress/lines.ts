import type { Colors } from 'picocolors/types.js';
import { knownTrainingsText } from '../../domain/known-trainings.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import { decidesOnText, metricTexts } from '../../domain/metric/text.ts';
import type { ProgressEvent } from '../../domain/progress.ts';
import { isAhead, type RunRequest } from '../../domain/study.ts';
import { count, formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { outcomeWord } from '../../report/measured.ts';
import { outcomeText, simulatedNotice } from '../../report/words.ts';
import type { ProgressState } from './state.ts';

/** The lines that stay on screen: what started, ended or was decided. `state` is from before the event. */
export function lastingLines(event: ProgressEvent, state: ProgressState, colors: Colors): string[] {
  switch (event.type) {
    case 'study.started': {
      const { study, workers, epochs, launcher, simulated, resumed } = event;
      const verb = resumed ? 'continues' : 'starts';
      const line = `${colors.bold(study)} ${verb}: ${count(workers, 'worker')}, ${count(epochs, 'epoch')} a run, launcher ${launcher}.`;
      return simulated ? [line, colors.yellow(colors.bold(simulatedNotice))] : [line];
    }
    case 'metrics.known': {
      const text = decidesOnText(event.metrics);
      return text === null ? [] : [text];
    }
    case 'run.started':
      return [];
    case 'run.ended':
      return [endedLine(event, state, colors)];
    case 'run.retried': {
      const pause = event.delayMs > 0 ? ` in ${formatSeconds(event.delayMs / 1000)}` : '';
      return [colors.yellow(`${event.key}: ${event.reason} Attempt ${event.attempt} follows${pause}.`)];
    }
    case 'trainings.known':
      return knownTrainingsText(event);
    case 'run.reused':
      return [`${event.key}: taken from ${event.from}`];
    case 'warning':
      return [colors.yellow(`${event.key === null ? '' : `${event.key}: `}warning: ${event.message}`)];
    case 'decision':
      return [`${colors.cyan('\u2192')} ${event.decision.reason}`];
    case 'study.ended': {
      const paint = event.outcome === 'noLoss' ? colors.green : colors.yellow;
      const word = outcomeWord(event.outcome, event.unverified);
      const line = paint(colors.bold(`${event.study}: ${word} (${outcomeText[event.outcome]}).`));
      // The decision that ends a study gives the same reason, one line above.
      return event.reason === state.lastReason ? [line] : [line, event.reason];
    }
    case 'study.stopped':
      return [colors.yellow(`${event.study} stopped: ${event.reason}`), `Continue with: ${colors.bold(event.resume)}`];
    case 'epoch':
    case 'waiting':
    case 'estimate':
    case 'sample':
      return [];
  }
}

/** The lines without a live view: in addition run starts, a few epochs of each run, and what is awaited. */
export function plainLines(event: ProgressEvent, state: ProgressState, colors: Colors): string[] {
  if (event.type === 'run.started') {
    const how = event.reattached
      ? 'continues (found running)'
      : event.attempt > 1
        ? `starts, attempt ${event.attempt}`
        : 'starts';
    return [`${runName(event.request)} ${how}: ${whyText(event, state)}`];
  }
  if (event.type === 'epoch') return isQuarter(event) ? [epochLine(event, state)] : [];
  if (event.type === 'waiting') return event.reason === state.waiting ? [] : [`waiting: ${event.reason}`];
  return lastingLines(event, state, colors);
}

type Epoch = Extract<ProgressEvent, { type: 'epoch' }>;

/** Why a run starts, without what the lines above already say. */
function whyText({ why, request }: Extract<ProgressEvent, { type: 'run.started' }>, { lastReason }: ProgressState) {
  const named = `Iteration ${request.iteration}: `;
  const text = why.startsWith(named) ? why.slice(named.length) : why;
  const said = ` Why: ${lastReason}.`;
  return lastReason !== null && text.endsWith(said) ? text.slice(0, -said.length) : text;
}

/** Whether an epoch ends a quarter of the training. */
function isQuarter({ epoch, epochs }: Epoch): boolean {
  return Math.floor((epoch * 4) / epochs) > Math.floor(((epoch - 1) * 4) / epochs);
}

function epochLine(event: Epoch, state: ProgressState): string {
  const parts = [`${event.key}: epoch ${event.epoch}/${event.epochs}`];
  if (event.phase !== null) parts.push(event.phase);
  if (event.lr !== null) parts.push(`rate ${formatNumber(event.lr)}`);
  if (event.loss !== null) parts.push(`loss ${formatNumber(event.loss)}`);
  const primary = primaryMetric(event.metrics, state);
  if (primary !== null) parts.push(primary);
  return parts.join(', ');
}

function endedLine(event: Extract<ProgressEvent, { type: 'run.ended' }>, state: ProgressState, colors: Colors): string {
  const { key, metrics, reason, seconds } = event;
  const time = formatSeconds(seconds);
  if (event.state === 'finished') return `${key} ${colors.green('finished')}: ${metricsText(metrics, state)} (${time})`;
  const paint = event.state === 'stopped' ? colors.yellow : colors.red;
  return `${key} ${paint(event.state)}: ${reason ?? 'no reason given'} (${time})`;
}

function metricsText(metrics: Metrics | null, state: ProgressState): string {
  const names = state.study?.metrics ?? Object.keys(metrics ?? {});
  const shown = names.flatMap((name) =>
    metrics?.[name] === undefined ? [] : [`${name} ${textsOf(state)(name).valueWithUnit(metrics[name])}`],
  );
  return shown.length > 0 ? shown.join(', ') : 'no metrics';
}

/** The first of the study's metrics that was measured, or any other one: `dice 0.843`. */
export function primaryMetric(metrics: Metrics | null, state: ProgressState): string | null {
  if (metrics === null) return null;
  const name = [...(state.study?.metrics ?? []), ...Object.keys(metrics)].find((each) => metrics[each] !== undefined);
  return name === undefined ? null : `${name} ${textsOf(state)(name).valueWithUnit(metrics[name]!)}`;
}

function textsOf({ study, definitions }: ProgressState) {
  return metricTexts({ metrics: study?.metrics ?? [], definitions });
}

/** `baseline 2`, `longer baseline 2`, `iteration 3`, `validation of iteration 4, repeat 2`. */
export function runName({ key, kind, iteration, repeat }: RunRequest): string {
  if (isAhead({ kind, iteration })) return key;
  if (kind === 'baseline') return iteration === null ? `baseline ${repeat}` : `longer baseline ${repeat}`;
  if (kind === 'iteration') return `iteration ${iteration}`;
  return `validation of iteration ${iteration}, repeat ${repeat}`;
}
