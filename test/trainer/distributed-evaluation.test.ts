import { expect, it } from 'vitest';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { phantom } from '../../src/trainer/data/phantom.ts';
import { buildModel } from '../../src/trainer/models/build-model.ts';
import { evaluateSplit, scoresOf } from '../../src/trainer/predict.ts';
import { tinyFcn } from './tiny-training.ts';

/** The sum of `processes` that call it once each. */
function meeting(processes: number) {
  let waiting: { values: Float64Array; go: () => void }[] = [];
  return (values: Float64Array): Promise<void> =>
    new Promise((go) => {
      waiting.push({ values, go });
      if (waiting.length < processes) return;
      const all = waiting;
      waiting = [];
      const total = values.map((_, index) => all.reduce((sum, part) => sum + part.values[index]!, 0));
      for (const part of all) {
        part.values.set(total);
        part.go();
      }
    });
}

it.each([2, 3, 7])('%i ranks that each validate their part have exactly the metrics of one', async (processes) => {
  await openCompute({ backend: 'cpu', threads: 1 });
  const dataset = phantom({ size: 8, trainSlices: 4, testSlices: 17, noise: 0.3, seed: 2 });
  const model = buildModel(tinyFcn, dataset, 3);
  const alone = { process: 0, processes: 1, sum: async () => {} };
  const whole = await evaluateSplit(scoresOf(model), dataset, dataset.splits.test, alone);
  const sum = meeting(processes);
  const parts = await Promise.all(
    Array.from({ length: processes }, (_, process) =>
      evaluateSplit(scoresOf(model), dataset, dataset.splits.test, { process, processes, sum }),
    ),
  );
  for (const part of parts) expect(part).toEqual(whole);
  model.dispose();
});
