import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { nothingWatched } from '../domain/divergence.ts';
import { type Checkpoint, writeCheckpoint } from '../trainer/checkpoint-file.ts';
import type { TrainOutcome } from '../trainer/train.ts';
import { weightsHash } from './fingerprint.ts';
import type { OpenRun } from './open-run.ts';
import { writePredictionPictures } from './prediction-pictures.ts';

/** Says how the training ended; of one that finished, process 0 leaves the weights, pictures and every evaluation. */
export async function publishOutcome(run: OpenRun, outcome: TrainOutcome): Promise<void> {
  const { directory, spec, composed, fingerprint, first, say } = run;
  if (outcome.state === 'diverged') say({ type: 'diverged', reason: outcome.reason, epoch: outcome.epoch });
  if (outcome.state !== 'finished' || !first) return;
  const { model, dataset } = composed;
  const progress = { shuffle: { seed: spec.seed, epoch: spec.epochs }, lossSum: 0, divergence: nothingWatched };
  const tensors = await weightsOf(model);
  writeCheckpoint(join(directory, 'weights.bin'), { step: outcome.steps, fingerprint, progress, tensors });
  const pictures =
    dataset.task === 'classification' ? [] : await writePredictionPictures(directory, { model, dataset });
  for (const path of pictures) say({ type: 'prediction', path, epoch: spec.epochs });
  for (const evaluation of outcome.evaluations) say({ type: 'evaluation', ...evaluation });
  say({ type: 'finished', steps: outcome.steps, weightsHash: await weightsHash(model) });
}

async function weightsOf(model: LayersModel): Promise<Checkpoint['tensors']> {
  const tensors: Checkpoint['tensors'] = [];
  for (const weight of model.weights) {
    tensors.push({ name: weight.originalName, values: Float32Array.from(await weight.read().data<'float32'>()) });
  }
  return tensors;
}
