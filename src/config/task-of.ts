import type { Task } from '../domain/task.ts';
import type { ModelConfig } from './sections/model.ts';

/** The task that a built-in network is for. */
export function taskOf(architecture: ModelConfig['architecture']): Task {
  return architecture === 'vgg' || architecture === 'resnet' ? 'classification' : 'segmentation';
}
