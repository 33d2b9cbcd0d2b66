import type { ProgressEvent } from '../domain/progress.ts';
import type { Point } from './line-protocol.ts';

/**
 * The time series points of an event: `epoch` (lr, loss, metrics), `sample` (per rank), `run` (how it ended) and
 * `decision`. Points are tagged with their study and, except for decisions, their run, and carry the event's own time
 * if it has one. A database keeps only the last point of a series in any millisecond, so a later one, unless it is a
 * sample, is moved to the next free millisecond.
 */
export function progressPoints(now: () => number): (event: ProgressEvent) => Point[] {
  let study = '';
  const taken = new Set<string>();

  function apart(point: Point): Point[] {
    const series = JSON.stringify([point.measurement, point.tags]);
    let { timeMs } = point;
    while (taken.has(`${series} ${timeMs}`)) timeMs += 1;
    taken.add(`${series} ${timeMs}`);
    return [{ ...point, timeMs }];
  }

  return (event) => {
    switch (event.type) {
      case 'study.started':
        study = event.study;
        return [];
      case 'epoch': {
        const { key, epoch, phase, lr, loss, metrics, timeMs = now() } = event;
        const tags = { study, run: key, phase: phase ?? '' };
        return apart({ measurement: 'epoch', tags, fields: numbers({ epoch, lr, loss, ...metrics }), timeMs });
      }
      case 'sample': {
        const { type, key, rank, timeMs: sampledMs, ...figures } = event;
        const tags = { study, run: key, rank: String(rank) };
        return [{ measurement: type, tags, fields: numbers(figures), timeMs: sampledMs }];
      }
      case 'run.ended': {
        const { key, state, seconds, metrics, timeMs = now() } = event;
        const fields = numbers({ seconds, ...metrics });
        return apart({ measurement: 'run', tags: { study, run: key, state }, fields, timeMs });
      }
      case 'decision': {
        const { verdict, iteration, reason } = event.decision;
        const fields = { ...numbers({ iteration }), reason };
        return apart({ measurement: 'decision', tags: { study, verdict }, fields, timeMs: now() });
      }
      default:
        return [];
    }
  };
}

function numbers(values: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
