import { dirname, join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { readPlainFile, readPlainText } from '../protocol/files/read-plain-file.ts';
import { type NamedWeight, writeZooModel, type ZooModel } from '../trainer/zoo-model/zoo-model.ts';
import { modelCard } from './model-card.ts';

const weightGroup = z.looseObject({
  paths: z.array(z.string().regex(/^[^/\\]+$/, 'a file name beside model.json')),
  weights: z.array(
    z.looseObject({
      name: z.string(),
      shape: z.array(z.int().min(0)),
      dtype: z.enum(['float32', 'int32', 'bool', 'string', 'complex64']),
    }),
  ),
});
const layersModelJson = z.looseObject({ weightsManifest: z.array(weightGroup) });

/** Weights of a TensorFlow.js layers model, or of a Keras model converted to one: `model.json` with its shards. */
export function readLayersModelWeights(modelJson: string): NamedWeight[] {
  try {
    const { weightsManifest } = layersModelJson.parse(JSON.parse(readPlainText(modelJson)));
    return weightsManifest.flatMap(({ paths, weights }) => {
      const data = Buffer.concat(paths.map((path) => readPlainFile(join(dirname(modelJson), path))));
      const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
      const tensors = io.decodeWeights(bytes, weights);
      return weights.map(({ name, shape }) => {
        const tensor = tensors[name]!;
        const values = Float32Array.from(tensor.dataSync());
        tensor.dispose();
        return { name: plainName(name), shape, values };
      });
    });
  } catch (error) {
    throw new AutopilotError(
      'zoo.import',
      `${modelJson}: is not a TensorFlow.js layers model: ${messageOf(error)}; convert Keras models with tensorflowjs_converter`,
      { cause: error },
    );
  }
}

/** Keras 2 repeats the layer (`block1_conv1/block1_conv1/kernel:0`) and some exports add `_W_1:0`. */
export function plainName(name: string): string {
  const parts = name.replace(/:0$/, '').split('/');
  const weight = parts
    .at(-1)!
    .replace(/^.*_W(_\d+)?$/, 'kernel')
    .replace(/^.*_b(_\d+)?$/, 'bias');
  return parts.length < 2 ? weight : `${parts.at(-2)}/${weight}`;
}

export interface ImportOptions {
  modelJson: string;
  folder: string;
  name: string;
  description: string;
  licence: string;
}

/** Writes imported weights as a zoo model, for `model.initFrom`. */
export function importLayersModel({ modelJson, folder, name, description, licence }: ImportOptions): ZooModel {
  const weights = readLayersModelWeights(modelJson);
  const model = {
    name,
    description,
    licence,
    architecture: null,
    input: null,
    preprocessing: null,
    metrics: {},
    study: null,
  };
  return writeZooModel(folder, model, weights, modelCard(model, weights));
}
