import { AutopilotError } from '../../domain/errors.ts';
import type { ImportLine } from './import-line.ts';
import type { XmlElement } from './read-system-config.ts';

interface Target {
  study: Record<string, unknown>;
  setting: Record<string, unknown>;
}

const losses: Record<string, string> = {
  dice: 'dice',
  crossentropy: 'crossEntropy',
  categoricalcrossentropy: 'crossEntropy',
  binarycrossentropy: 'crossEntropy',
};
const optimizers = ['sgd', 'momentum', 'adam', 'lars'];

/** Transfers a `<property>` of the hyperparameters to the study. */
export function propertyLine({ name: element, attributes, text }: XmlElement, { study, setting }: Target): ImportLine {
  const { name = '' } = attributes;
  const tag = element === 'property' ? `<property name="${name}"> ${text}` : `<${element}>`;
  const mapped = (note: string): ImportLine => ({ tag, state: 'mapped', note });
  const plain = text.toLowerCase().replace(/[^a-z]/g, '');
  switch (name) {
    case 'lr':
      setting.initialLr = positive(name, text);
      return mapped(`setting.initialLr: ${setting.initialLr}, the rate of one worker`);
    case 'optimiser':
    case 'optimizer':
      if (!optimizers.includes(plain)) {
        return {
          tag,
          state: 'todo',
          note: `"${text}" is not known; choose ${optimizers.join(', ')}, or a module (components.optimizer)`,
        };
      }
      setting.optimizer = plain;
      return mapped(`setting.optimizer: ${plain}`);
    case 'loss':
      if (losses[plain] === undefined) {
        return {
          tag,
          state: 'todo',
          note: `"${text}" is not known; choose crossEntropy, dice or combined, or a module (components.loss)`,
        };
      }
      study.loss = losses[plain];
      return mapped(`loss: ${losses[plain]}`);
    case 'minibatch_size':
      study.batchPerWorker = positive(name, text);
      return mapped(`batchPerWorker: ${text}`);
    case 'start_epoch':
      return Number(text) === 0
        ? mapped('epochs count from 0')
        : { tag, state: 'dropped', note: 'a study trains from the start; its epochs are end_epoch' };
    case 'end_epoch':
      study.epochs = positive(name, text);
      return mapped(`epochs: ${text}`);
    default:
      return { tag, state: 'dropped', note: 'an unknown hyperparameter' };
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new AutopilotError('autocnnp.property', `<property name="${name}"> is "${text}"; give a number above 0.`);
}
