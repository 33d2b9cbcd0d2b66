import type { TrainerConfig } from './trainer.ts';

/**
 * The number of processes that train `workers` workers: one each, or the largest divisor of `workers` up to
 * `trainer.processes`, so that every process does the work of equally many workers.
 */
export function processesFor(trainer: TrainerConfig, workers: number): number {
  const most = trainer.kind === 'simulated' ? workers : (trainer.processes ?? workers);
  for (let processes = Math.min(most, workers); processes > 1; processes -= 1) {
    if (workers % processes === 0) return processes;
  }
  return 1;
}
