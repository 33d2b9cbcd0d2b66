import { count, formatSeconds } from '../../domain/text/format.ts';
import type { RunTime } from './time.ts';

/** `efficient`: the fastest with an efficiency of at least 70 %. */
export type Wish = 'fastest' | 'cheapest' | 'efficient';

/** The number of workers recommended for one wish. */
export interface ScalingWish {
  wish: Wish;
  /** Null where no confirmed count fulfils it. */
  workers: number | null;
  /** One sentence a person understands. */
  sentence: string;
}

const efficiencyWished = 0.7;
/** Costs that differ by a smaller share than this count as equal; the faster count is then preferred. */
const sameCost = 0.01;

/** A number of workers, and what a training on them takes; null where unknown. */
interface Count {
  workers: number;
  time: RunTime | null;
  speedUp: number | null;
  efficiency: number | null;
  workerHours: number | null;
}
type Timed = { workers: number; time: RunTime; speedUp: number; efficiency: number; workerHours: number };

/** Only counts that were confirmed are considered. */
export function wishesOf(counts: readonly Count[], one: RunTime | null): ScalingWish[] {
  const timed = counts.filter(isTimed);
  const fastest = least(timed, ({ time }) => time.seconds);
  const cheapest = cheapestOf(timed);
  const efficient = least(
    timed.filter(({ efficiency }) => efficiency >= efficiencyWished),
    ({ time }) => time.seconds,
  );
  const none = 'no number of workers is confirmed with a known time';
  return [
    wish('fastest', fastest, (found) => timeText(found, one), none),
    wish('cheapest', cheapest, (found) => costText(found, one), none),
    wish(
      'efficient',
      efficient,
      (found) => `${timeText(found, one)}, ${Math.round(100 * found.efficiency)} % efficiency`,
      timed.length === 0 ? none : `no confirmed number of workers keeps ${100 * efficiencyWished} % efficiency`,
    ),
  ];
}

export const wishText: Record<Wish, string> = {
  fastest: 'Fastest',
  cheapest: 'Cheapest',
  efficient: `Fastest with at least ${100 * efficiencyWished} % efficiency`,
};

function wish(name: Wish, found: Timed | undefined, text: (found: Timed) => string, none: string): ScalingWish {
  if (found === undefined) return { wish: name, workers: null, sentence: `${wishText[name]}: ${none}.` };
  return {
    wish: name,
    workers: found.workers,
    sentence: `${wishText[name]}: ${count(found.workers, 'worker')}, ${text(found)}.`,
  };
}

function timeText({ time, speedUp }: Timed, one: RunTime | null): string {
  const of = one === null ? '' : ` instead of ${formatSeconds(one.seconds)}`;
  const slower = speedUp < 1 ? ': slower than one worker' : '';
  return `${formatSeconds(time.seconds)} a training${of} (${time.how}), ${speedUp.toPrecision(3)} times as fast${slower}`;
}

function costText({ workerHours, time }: Timed, one: RunTime | null): string {
  const alone = one === null ? '' : `; one worker alone ${hours(one.seconds / 3600)}`;
  return `${hours(workerHours)} a training (${time.how})${alone}`;
}

function hours(value: number): string {
  return count(Number(value.toPrecision(3)), 'GPU-hour');
}

function cheapestOf(timed: readonly Timed[]): Timed | undefined {
  const lowest = Math.min(...timed.map(({ workerHours }) => workerHours));
  return least(
    timed.filter(({ workerHours }) => workerHours <= lowest * (1 + sameCost)),
    ({ time }) => time.seconds,
  );
}

function least<Value>(values: readonly Value[], of: (value: Value) => number): Value | undefined {
  return values.reduce<Value | undefined>(
    (best, value) => (best === undefined || of(value) < of(best) ? value : best),
    undefined,
  );
}

function isTimed(one: Count): one is Count & Timed {
  return one.time !== null && one.speedUp !== null && one.efficiency !== null && one.workerHours !== null;
}
