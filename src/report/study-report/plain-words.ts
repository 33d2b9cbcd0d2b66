import type { StudyOutcome } from '../../domain/study.ts';
import { outcomeText } from '../words.ts';

// What is stored under a key, in the words of a paper.

const names: Record<string, string> = {
  architecture: 'Architecture',
  backend: 'Compute back end',
  backendReason: 'Chosen because',
  blocks: 'Blocks per level',
  channels: 'Channels of the first level',
  classifierChannels: 'Channels of the classifier',
  container: 'Container image',
  cores: 'Processor cores',
  cpu: 'Processor',
  data: 'Data set',
  device: 'Device',
  gpu: 'GPU',
  gpuMemoryBytes: 'Memory of the GPU',
  groups: 'Groups of the normalization',
  heapLimitBytes: 'Memory limit of Node.js',
  initFrom: 'Starts from the weights of',
  loss: 'Loss function',
  memoryBytes: 'Memory',
  node: 'Node.js',
  noise: 'Standard deviation of the noise',
  os: 'Operating system',
  parameters: 'Trainable parameters',
  precision: 'Arithmetic of convolutions',
  seed: 'Seed of the images',
  size: 'Side of an image in pixels',
  source: 'Source code',
  strategy: 'Gradient averaging',
  tensorflowJs: 'TensorFlow.js',
  threads: 'Threads',
  versions: 'Libraries',
};

/** `trainSlices` as a name for people: `Train slices`. */
export function keyWords(key: string): string {
  const spaced = names[key] ?? spacedOut(key);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const values: Record<string, string> = {
  adam: 'Adam',
  allreduce: 'all-reduce',
  combined: 'cross-entropy plus Dice, equally weighted',
  crossEntropy: 'cross-entropy',
  custom: 'the study’s own',
  dice: 'Dice',
  fcn: 'FCN',
  fcn8s: 'FCN-8s',
  group: 'over groups of channels',
  lars: 'LARS',
  momentum: 'SGD with momentum',
  parameterServer: 'parameter server',
  resnet: 'ResNet',
  sgd: 'SGD',
  unet: 'U-Net',
  vgg: 'VGG',
};

/** A config value in the field's terms; any other value as it is, an object as its parts. */
export function valueWords(value: unknown): string {
  if (typeof value === 'string') return values[value] ?? value;
  if (Array.isArray(value)) return value.map(valueWords).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${spacedOut(name)} ${valueWords(part)}`)
    .join(', ');
}

const averaging: Record<string, string> = {
  'local (exact)': 'in one process that plays the workers one after the other',
  'local (fused)': 'in one process that plays all workers in one batch',
};

/** How gradients are averaged, to follow the word "averaged": `by all-reduce`. */
export function averagedBy(strategy: string): string {
  return averaging[strategy] ?? `by ${valueWords(strategy)}`;
}

const rules: Record<string, string> = {
  moderated: 'by the comparison of settings',
  nonInferiority: 'by the non-inferiority test',
  thesis: 'by the thesis’s rule',
};

/** Which rule judged, by the part of `nonInferiority.futile` before the dot; empty where the sentence says it all. */
export function ruleWords(rule: string): string {
  return rules[rule.split('.')[0] ?? ''] ?? '';
}

/** `No accuracy loss, confirmed`. */
export function outcomeWords(outcome: StudyOutcome): string {
  const text = outcomeText[outcome];
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function spacedOut(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
}

/** Metrics of autopilot's own trainer; TP, FP and FN are pixels of a class over a whole part of the data. */
const metricWords: Record<string, string> = {
  accuracy: 'correct images / all images',
  balancedAccuracy: 'recall, mean over the classes',
  dice: 'Dice coefficient, 2 TP / (2 TP + FP + FN), mean over the classes other than background',
  frequencyWeightedIoU: 'intersection over union, weighted by each class’s share of the pixels',
  macroF1: 'F1 score, 2 TP / (2 TP + FP + FN) over images, mean over the classes',
  meanAccuracy: 'recall, TP / (TP + FN), mean over all classes',
  meanDice: 'Dice coefficient, mean over all classes',
  meanIoU: 'intersection over union, TP / (TP + FP + FN), mean over all classes',
  pixelAccuracy: 'correct pixels / all pixels',
};

/** Each of these metrics that autopilot's own trainer defines, with its definition. */
export function metricFacts(names: readonly string[]): [string, string][] {
  return names.flatMap((name): [string, string][] => {
    const words = Object.hasOwn(metricWords, name) ? metricWords[name] : undefined;
    return words === undefined ? [] : [[name, words]];
  });
}
