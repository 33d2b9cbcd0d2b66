import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { WorkerSpec } from './read-spec.ts';

/** What must agree for a checkpoint to be gone on from. */
export function fingerprintOf({
  seed,
  workers,
  batchPerWorker,
  schedule,
  setting,
  model,
  data,
  loss,
}: WorkerSpec): string {
  const { optimizer } = setting;
  return sha256(JSON.stringify({ seed, workers, batchPerWorker, schedule, optimizer, model, data, loss })).slice(0, 16);
}

/** SHA-256 over all weights in order: equal hashes are bit-identical networks. */
export async function weightsHash(model: LayersModel): Promise<string> {
  const hash = createHash('sha256');
  for (const weight of model.weights)
    hash.update(new Uint8Array((await weight.read().data<'float32'>()).slice().buffer));
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
