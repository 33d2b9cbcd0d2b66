import { knownMetric, type MetricDefinitions } from '../domain/metric/definition.ts';
import { decidesOnText, metricText } from '../domain/metric/text.ts';
import { formatSeconds } from '../domain/text/format.ts';
import { policyText } from '../report/comparison/words.ts';
import { outcomeWord } from '../report/measured.ts';
import { simulatedNotice } from '../report/words.ts';
import type { ComparisonEvent } from './progress.ts';

/** A running comparison as lines for a person. */
export function progressLines() {
  const names = new Map<string, string>();
  let definitions: MetricDefinitions = {};
  return (event: ComparisonEvent): string[] => {
    switch (event.type) {
      case 'comparison.started': {
        const { comparison, runs, done, simulated, resumed } = event;
        const line = `${comparison} ${resumed ? 'goes on' : 'starts'}: ${done} of ${runs} known runs are done.`;
        return simulated ? [line, simulatedNotice] : [line];
      }
      case 'cell.started': {
        const { key, policy, workers, repeat } = event;
        names.set(
          key,
          policy === 'baseline' ? `baseline, run ${repeat}` : `${policyText[policy]}, k = ${workers}, run ${repeat}`,
        );
        return [];
      }
      case 'cell.reused':
        return [`${event.key}: taken from ${event.from}`];
      case 'cell.ended': {
        const { key, state, metrics, reason, done, runs, secondsLeft } = event;
        const decided = Object.keys(definitions).find((name) => metrics?.[name] !== undefined);
        const [name = ''] = decided === undefined ? Object.keys(metrics ?? {}) : [decided];
        const measured = metrics?.[name];
        const text = metricText(name, definitions[name] ?? knownMetric(name));
        const value = measured === undefined ? '' : ` ${name} ${text.valueWithUnit(measured)}`;
        const why = reason === null || state === 'finished' ? '' : `: ${reason}`;
        const left = secondsLeft === null ? '' : `, at most ${formatSeconds(secondsLeft)} left`;
        return [`[${done}/${runs}] ${names.get(key) ?? key}: ${state}${value}${why}${left}`];
      }
      case 'search.started':
        return [`Looking for a setting for k = ${event.workers} (study ${event.study})`];
      case 'search.ended':
        return [`${event.study}: ${outcomeWord(event.outcome, event.unverified)}. ${event.reason}`];
      case 'inner':
        if (event.event.type !== 'metrics.known') return innerLines(event.event);
        // Once for the whole comparison: its searches decide on the same.
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

function innerLines(event: Extract<ComparisonEvent, { type: 'inner' }>['event']): string[] {
  if (event.type === 'decision') return [`  \u2192 ${event.decision.reason}`];
  if (event.type === 'warning') return [`  warning: ${event.message}`];
  if (event.type === 'run.retried') return [`  ${event.key}: ${event.reason}`];
  return [];
}
