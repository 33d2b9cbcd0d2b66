import type { ProgressEvent } from '../../domain/progress.ts';

/** Estimates the seconds until all runs in progress end, from the pace of their epochs; null until each has a pace. */
export function paceEstimate(now: () => number) {
  const runs = new Map<
    string,
    { firstMs: number; firstEpoch: number; epoch: number; lastMs: number; epochs: number }
  >();
  return {
    observe(event: ProgressEvent): void {
      if (event.type === 'run.ended') runs.delete(event.key);
      if (event.type === 'run.started') {
        runs.set(event.request.key, { firstMs: now(), firstEpoch: 0, epoch: 0, lastMs: now(), epochs: event.epochs });
      }
      const run = event.type === 'epoch' ? runs.get(event.key) : undefined;
      if (event.type !== 'epoch' || run === undefined) return;
      // A run picked up after a restart reports its past epochs at once; its pace is measured from there.
      if (run.epoch === 0 && event.epoch > 1) Object.assign(run, { firstMs: now(), firstEpoch: event.epoch });
      run.epoch = event.epoch;
      run.lastMs = now();
    },
    currentSeconds(): number | null {
      const left = [...runs.values()].map(({ firstMs, firstEpoch, epoch, lastMs, epochs }) =>
        epoch > firstEpoch ? ((epochs - epoch) * (lastMs - firstMs)) / (epoch - firstEpoch) / 1000 : null,
      );
      return left.length === 0 || left.includes(null) ? null : Math.max(...left.map(Number));
    },
  };
}
