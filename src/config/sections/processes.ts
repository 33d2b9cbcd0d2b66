import type { TrainerConfig } from './trainer.ts';

/**
 * How many processes train `workers` workers: as many, or the largest number up to `trainer.processes` that divides
 * them; each then stands for the same number of workers.
 */
export function processesFor(trainer: TrainerConfig, workers: number): number {
  const most = trainer.kind === 'simulated' ? workers : (trainer.processes ?? workers);
  for (let processes = Math.min(most, workers); processes > 1; processes -= 1) {
    if (workers % processes === 0) return processes;
  }
  return 1;
}
