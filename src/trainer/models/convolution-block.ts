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
    return rectify(name, convolved, filters);
  };

  function rectify(name: string, x: SymbolicTensor, filters: number): SymbolicTensor {
    const relu = layers.reLU({ name: `${name}-relu` });
    const grouped = (groups: number) =>
      new GroupNormalization({ name: `${name}-norm`, groups, relu: true }).apply(x) as SymbolicTensor;
    switch (normalization) {
      case 'none':
        return relu.apply(x) as SymbolicTensor;
      case 'batch': {
        const normal = layers.batchNormalization({ name: `${name}-norm`, momentum: 0.9, epsilon: 1e-5 });
        return relu.apply(normal.apply(x)) as SymbolicTensor;
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
