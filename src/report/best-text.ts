import type { Interval } from '../domain/difference.ts';
import type { MetricText } from '../domain/metric/text.ts';
import { count } from '../domain/text/format.ts';
import type { BestSetting } from './history/history.ts';
import type { Summary } from './statistics/summarize.ts';
import { verdictText } from './words.ts';

/**
 * `0.812 ± 0.004 (5 runs, 95 % interval 0.807 to 0.817)`; `0.812 (1 run, spread unknown)`;
 * `0.812 ± 0.000 (5 runs, all the same)`.
 */
export function estimateText(text: MetricText, { mean, sd, n }: Summary, interval: Interval | null = null): string {
  const around =
    sd === null
      ? ', spread unknown'
      : sd === 0
        ? ', all the same'
        : interval === null
          ? ''
          : `, 95 % interval ${text.value(interval.low)} to ${text.value(interval.high)}`;
  return `${text.spreadWithUnit({ mean, sd })} (${count(n, 'run')}${around})`;
}

/** `iteration 3`, `iterations 3 and 4, not confirmed`: the iterations that the best setting's numbers come from. */
export function bestIterationsText({ iterations, verdict }: BestSetting): string {
  const [last, rest] = [iterations.at(-1), iterations.slice(0, -1)];
  const which = rest.length === 0 ? `iteration ${last}` : `iterations ${rest.join(', ')} and ${last}`;
  const refuted = verdict === 'notConfirmed' || verdict === 'diverged';
  return refuted ? `${which}, ${verdictText[verdict]}` : which;
}
