import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ModelConfig } from '../../config/model.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { GroupNormalization } from './group-normalization.ts';

/** 3×3 convolution, normalization, ReLU. */
export function convolutionBlock({ normalization, groups }: Pick<ModelConfig, 'normalization' | 'groups'>) {
  return (name: string, x: SymbolicTensor, filters: number): SymbolicTensor => {
    const convolved = layers
      .conv2d({ name: `${name}-conv`, filters, kernelSize: 3, padding: 'same', kernelInitializer: 'zeros' })
      .apply(x) as SymbolicTensor;
    const normalized = normalize(`${name}-norm`, convolved, filters);
    return layers.reLU({ name: `${name}-relu` }).apply(normalized) as SymbolicTensor;
  };

  function normalize(name: string, x: SymbolicTensor, filters: number): SymbolicTensor {
    switch (normalization) {
      case 'none':
        return x;
      case 'batch':
        return layers.batchNormalization({ name, momentum: 0.9, epsilon: 1e-5 }).apply(x) as SymbolicTensor;
      case 'instance':
        return new GroupNormalization({ name, groups: filters }).apply(x) as SymbolicTensor;
      case 'group':
        if (filters % groups !== 0) {
          throw new AutopilotError(
            'model.groups',
            `model.groups is ${groups}, which does not divide a level's ${filters} channels. Choose a divisor of model.channels.`,
          );
        }
        return new GroupNormalization({ name, groups }).apply(x) as SymbolicTensor;
    }
  }
}
