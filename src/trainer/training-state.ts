import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { AutopilotError } from '../domain/errors.ts';
import type { Checkpoint, TrainingProgress } from './checkpoint-file.ts';
import type { DistributionStrategy } from './strategy/strategy.ts';

/** Everything that changes while a network trains: its weights and statistics, and the optimizer's state. */
export function trainingState({
  model,
  optimizer,
  fingerprint,
}: {
  model: LayersModel;
  optimizer: readonly tf.Variable[];
  fingerprint: string;
}) {
  const named = [
    ...model.weights.map((weight) => ({ name: weight.originalName, variable: weight.read() as tf.Variable })),
    ...optimizer.map((variable, index) => ({ name: `optimizer/${index}`, variable })),
  ];

  return {
    async capture(step: number, progress: TrainingProgress): Promise<Checkpoint> {
      const tensors = [];
      for (const { name, variable } of named) {
        tensors.push({ name, values: Float32Array.from(await variable.data<'float32'>()) });
      }
      return { step, fingerprint, progress: structuredClone(progress), tensors };
    },

    restore(checkpoint: Checkpoint): void {
      const fits =
        checkpoint.fingerprint === fingerprint &&
        checkpoint.tensors.length === named.length &&
        named.every(({ name, variable }, index) => {
          const stored = checkpoint.tensors[index]!;
          return stored.name === name && stored.values.length === variable.size;
        });
      if (!fits) {
        throw new AutopilotError(
          'checkpoint.other',
          `The checkpoint of step ${checkpoint.step} belongs to another training (model, data, optimizer, seed or schedule differ). Start the run afresh.`,
        );
      }
      named.forEach(({ variable }, index) => {
        write(variable, checkpoint.tensors[index]!.values);
      });
    },

    /** Makes every process start from process 0's values. */
    async synchronize(strategy: DistributionStrategy): Promise<void> {
      if (strategy.processes === 1) return;
      for (const { variable } of named) {
        const values = Float32Array.from(await variable.data<'float32'>());
        await strategy.broadcast(values);
        write(variable, values);
      }
    },
  };
}

function write(variable: tf.Variable, values: Float32Array): void {
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}
