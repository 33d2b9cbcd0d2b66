import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/sections/model.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { GroupNormalization } from './group-normalization.ts';

interface BlockOptions {
  /** Pixels from one output to the next. */
  strides?: number;
  /** False leaves the ReLU to the caller. */
  relu?: boolean;
}

/** 3×3 convolution, normalization, ReLU. */
export function convolutionBlock({ normalization, groups }: Pick<ModelConfig, 'normalization' | 'groups'>) {
  return (
    name: string,
    x: SymbolicTensor,
    filters: number,
    { strides = 1, relu = true }: BlockOptions = {},
  ): SymbolicTensor => {
    const convolved = layers
      .conv2d({ name: `${name}-conv`, filters, kernelSize: 3, strides, padding: 'same', kernelInitializer: 'zeros' })
      .apply(x) as SymbolicTensor;
    return normalized(name, convolved, filters, relu);
  };

  function normalized(name: string, x: SymbolicTensor, filters: number, relu: boolean): SymbolicTensor {
    const rectified = (from: SymbolicTensor) =>
      relu ? (layers.reLU({ name: `${name}-relu` }).apply(from) as SymbolicTensor) : from;
    const grouped = (groups: number) =>
      new GroupNormalization({ name: `${name}-norm`, groups, relu }).apply(x) as SymbolicTensor;
    switch (normalization) {
      case 'none':
        return rectified(x);
      case 'batch': {
        const normal = layers.batchNormalization({ name: `${name}-norm`, momentum: 0.9, epsilon: 1e-5 });
        return rectified(normal.apply(x) as SymbolicTensor);
      }
      case 'instance':
        return grouped(filters);
      case 'group':
        if (filters % groups !== 0) {
          throw new AutopilotError(
            'model.groups',
            `model.groups is ${groups}, which does not divide a level's ${filters} channels. Choose a divisor of model.channels.`,
          );
        }
        return grouped(groups);
    }
  }
}
