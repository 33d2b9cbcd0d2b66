import { join } from 'node:path';
import { nothingWatched } from '../../domain/divergence.ts';
import { writeCheckpoint } from '../checkpoint-file.ts';
import type { TrainOutcome } from '../train.ts';
import { weightsHash } from './fingerprint.ts';
import type { OpenRun } from './open-run.ts';

/** Writes the results of a finished training: its weights, pictures of its predictions, its evaluations and its end. */
export async function publishResult(
  { directory, spec, composed, fingerprint, say }: OpenRun,
  { steps, evaluations }: Extract<TrainOutcome, { state: 'finished' }>,
): Promise<void> {
  const { dataset, model } = composed;
  const tensors = [];
  for (const weight of model.weights) {
    tensors.push({ name: weight.originalName, values: Float32Array.from(await weight.read().data<'float32'>()) });
  }
  const progress = { shuffle: { seed: spec.seed, epoch: spec.epochs }, lossSum: 0, divergence: nothingWatched };
  writeCheckpoint(join(directory, 'weights.bin'), { step: steps, fingerprint, progress, tensors });
  if (dataset.task !== 'classification') {
    // Loaded only here: the drawing code takes a third of a rank's start-up, and only the first rank draws, once.
    const { writePredictionPictures } = await import('./prediction-pictures.ts');
    for (const path of await writePredictionPictures(directory, { model, dataset }))
      say({ type: 'prediction', path, epoch: spec.epochs });
  }
  for (const evaluation of evaluations) say({ type: 'evaluation', ...evaluation });
  say({ type: 'finished', steps, weightsHash: await weightsHash(model) });
}
