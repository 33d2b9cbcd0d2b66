import { describe, expect, it } from 'vitest';
import { wishesOf } from '../../../src/report/scaling/wishes.ts';

const one = { seconds: 3600, how: 'measured', exchange: false } as const;
const counted = (workers: number, seconds: number | null) => ({
  workers,
  time: seconds === null ? null : ({ seconds, how: 'measured', exchange: false } as const),
  speedUp: seconds === null ? null : 3600 / seconds,
  efficiency: seconds === null ? null : 3600 / seconds / workers,
  workerHours: seconds === null ? null : (workers * seconds) / 3600,
});
const chosen = (counts: ReturnType<typeof counted>[]) =>
  Object.fromEntries(wishesOf(counts, one).map(({ wish, workers }) => [wish, workers]));

describe('the recommended numbers of workers', () => {
  it('differ where speed costs efficiency', () => {
    const counts = [counted(2, 1850), counted(4, 1200), counted(8, 700), counted(16, 600)];
    expect(chosen(counts)).toEqual({ fastest: 16, cheapest: 2, efficient: 4 });
  });

  it('are the faster one where the costs are the same', () => {
    expect(chosen([counted(2, 1800), counted(4, 900)])).toMatchObject({ cheapest: 4 });
  });

  it('leave out what was not confirmed or has no time', () => {
    expect(chosen([counted(2, 1800), counted(4, null)])).toEqual({ fastest: 2, cheapest: 2, efficient: 2 });
    expect(chosen([counted(2, null)])).toEqual({ fastest: null, cheapest: null, efficient: null });
  });

  it('are none where no count is efficient', () => {
    const wishes = wishesOf([counted(8, 1200)], one);
    expect(wishes.find(({ wish }) => wish === 'efficient')?.sentence).toContain(
      'no confirmed number of workers keeps 70 %',
    );
  });

  it('say what one worker takes, and that a time is predicted', () => {
    const count = { ...counted(4, 900), time: { seconds: 900, how: 'predicted', exchange: false } as const };
    const [fastest, cheapest] = wishesOf([count], one);
    expect(fastest?.sentence).toBe(
      'Fastest: 4 workers, 15 min 00 s a training instead of 1 h 00 min (predicted), 4.00 times as fast.',
    );
    expect(cheapest?.sentence).toBe(
      'Cheapest: 4 workers, 1 GPU-hour a training (predicted); one worker alone 1 GPU-hour.',
    );
  });
});
