import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { VerifiedProgram } from '../../launcher/deploy/verify-program.ts';
import type { WorkerSpec } from './read-spec.ts';

/** A hash of everything that must agree for a checkpoint to be resumed. */
export function fingerprintOf(spec: WorkerSpec, { locate }: Pick<VerifiedProgram, 'locate'>): string {
  const { seed, workers, batchPerWorker, schedule, setting, model, data, loss, task, components, compute } = spec;
  const { optimizer } = setting;
  const { metrics: _metrics, callbacks: _callbacks, ...parts } = components;
  const modules = Object.values(parts).map(
    (its) => its && [its.parameters, sha256(readFileSync(locate(its.module), 'utf8'))],
  );
  // Left out for float32, so that checkpoints from before there was a choice can be resumed.
  const arithmetic = compute.precision === 'float32' ? {} : { precision: compute.precision };
  const facts = { seed, workers, batchPerWorker, schedule, optimizer, model, data, loss, task, modules, ...arithmetic };
  return sha256(JSON.stringify(facts)).slice(0, 16);
}

/** SHA-256 over all weights in order: equal hashes mean bit-identical networks. */
export async function weightsHash(model: LayersModel): Promise<string> {
  const hash = createHash('sha256');
  for (const weight of model.weights)
    hash.update(new Uint8Array((await weight.read().data<'float32'>()).slice().buffer));
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
