import { knownMetric, type MetricDefinitions } from '../domain/metric/definition.ts';
import { decidesOnText, metricText } from '../domain/metric/text.ts';
import { count, formatSeconds } from '../domain/text/format.ts';
import { policyText } from '../report/comparison/words.ts';
import { outcomeWord } from '../report/measured.ts';
import { simulatedNotice } from '../report/words.ts';
import type { ComparisonEvent } from './progress.ts';

/** Formats the progress of a comparison as text lines. */
export function progressLines() {
  const names = new Map<string, string>();
  let definitions: MetricDefinitions = {};
  /** The reason of the last decision in each study. */
  const decided = new Map<string, string>();
  return (event: ComparisonEvent): string[] => {
    switch (event.type) {
      case 'comparison.started': {
        const { comparison, runs, done, simulated, resumed } = event;
        const line = `${comparison} ${resumed ? 'continues' : 'starts'}: ${done} of ${count(runs, 'known run')} ${done === 1 ? 'is' : 'are'} done.`;
        return simulated ? [line, simulatedNotice] : [line];
      }
      case 'cell.started': {
        names.set(event.key, cellName(event));
        return [];
      }
      case 'cell.reused':
        return [`[${event.done}/${event.runs}] ${cellName(event)}: taken from ${event.from}`];
      case 'cell.ended': {
        const { key, state, metrics, reason, done, runs, secondsLeft } = event;
        const decisive = Object.keys(definitions).find((name) => metrics?.[name] !== undefined);
        const [name = ''] = decisive === undefined ? Object.keys(metrics ?? {}) : [decisive];
        const measured = metrics?.[name];
        const text = metricText(name, definitions[name] ?? knownMetric(name));
        const value = measured === undefined ? '' : ` ${name} ${text.valueWithUnit(measured)}`;
        const why = reason === null || state === 'finished' ? '' : `: ${reason}`;
        const left = secondsLeft === null ? '' : `, at most ${formatSeconds(secondsLeft)} left`;
        return [`[${done}/${runs}] ${names.get(key) ?? key}: ${state}${value}${why}${left}`];
      }
      case 'search.started':
        return [`Searching for a setting for k = ${event.workers} (study ${event.study})`];
      case 'search.ended':
        // The decision that ended the study usually gave the same reason one line above; it is not repeated.
        return [
          `${event.study}: ${outcomeWord(event.outcome, event.unverified)}.${decided.get(event.study) === event.reason ? '' : ` ${event.reason}`}`,
        ];
      case 'inner':
        if (event.event.type === 'decision' && event.study !== undefined)
          decided.set(event.study, event.event.decision.reason);
        if (event.event.type !== 'metrics.known') return innerLines(event);
        // Printed once: all searches of a comparison decide on the same metrics.
        if (Object.keys(definitions).length > 0) return [];
        definitions = event.event.metrics;
        return [decidesOnText(definitions)].filter((line) => line !== null);
      case 'warning':
        return [`warning: ${event.message}`];
      case 'comparison.ended':
        return [`${event.comparison}: ${event.state} (${event.reason})`];
    }
  };
}

type Cell = Pick<Extract<ComparisonEvent, { type: 'cell.started' }>, 'policy' | 'workers' | 'repeat'>;

function cellName({ policy, workers, repeat }: Cell): string {
  return policy === 'baseline' ? `baseline, run ${repeat}` : `${policyText[policy]}, k = ${workers}, run ${repeat}`;
}

function innerLines({ event, study }: Extract<ComparisonEvent, { type: 'inner' }>): string[] {
  const of = study === undefined ? '' : `${study} `;
  if (event.type === 'decision') return [`  ${of}\u2192 ${event.decision.reason}`];
  if (event.type === 'warning') return [`  ${of}warning: ${event.message}`];
  if (event.type === 'run.retried') return [`  ${of}${event.key}: ${event.reason}`];
  return [];
}
