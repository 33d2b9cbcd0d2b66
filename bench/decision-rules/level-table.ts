import type { Table } from '../guidelines/table.ts';
import { type BenchTask, benchTasks } from '../guidelines/tasks.ts';
import type { Noise } from './noise.ts';

/** A task on which every setting of 18 workers has the same mean: the baseline's plus `trueLoss` (a fraction ≤ 0). */
export function levelTable(options: { baselineNoise: Noise; noise: Noise; trueLoss: number; margin: number }): Table {
  const { baselineNoise, noise, trueLoss, margin } = options;
  const [first] = benchTasks as [BenchTask, ...BenchTask[]];
  const mean = 0.85;
  return {
    task: { ...first, name: 'level', margin },
    workers: 18,
    points: [],
    optimizers: ['sgd', 'adam'],
    baseline: { mean, chosenMean: mean, residuals: [] },
    drawBaseline: (uniform) => ({ metric: mean + baselineNoise.draw(uniform) }),
    draw: (_setting, uniform) => ({ metric: mean + trueLoss + noise.draw(uniform), curve: [], part: 1 }),
    trueMean: () => mean + trueLoss,
    isNoLoss: () => trueLoss > -margin,
  };
}
