import type { ProgressEvent } from '../domain/progress.ts';
import type { Point } from './line-protocol.ts';

/**
 * The points of a time series that an event makes: `epoch` (lr, loss, metrics), `sample` (per rank), `run` (how it
 * ended), `decision`. Every point is tagged with its study and run.
 */
export function progressPoints(now: () => number): (event: ProgressEvent) => Point[] {
  let study = '';
  return (event) => {
    const timeMs = now();
    switch (event.type) {
      case 'study.started':
        study = event.study;
        return [];
      case 'epoch': {
        const { key, epoch, phase, lr, loss, metrics } = event;
        const tags = { study, run: key, phase: phase ?? '' };
        return [{ measurement: 'epoch', tags, fields: numbers({ epoch, lr, loss, ...metrics }), timeMs }];
      }
      case 'sample': {
        const { type, key, rank, timeMs: sampledMs, ...figures } = event;
        const tags = { study, run: key, rank: String(rank) };
        return [{ measurement: type, tags, fields: numbers(figures), timeMs: sampledMs }];
      }
      case 'run.ended': {
        const { key, state, seconds, metrics } = event;
        return [
          { measurement: 'run', tags: { study, run: key, state }, fields: numbers({ seconds, ...metrics }), timeMs },
        ];
      }
      case 'decision': {
        const { verdict, iteration, reason } = event.decision;
        const fields = { ...numbers({ iteration }), reason };
        return [{ measurement: 'decision', tags: { study, verdict }, fields, timeMs }];
      }
      default:
        return [];
    }
  };
}

function numbers(values: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
