import * as z from 'zod';
import { count, line, most } from './bounds.ts';

/** Folder of a zoo model, relative to the study file. Training starts from those of its weights whose name and shape match this network's. */
const initFrom = line.optional();

/** The normalization after each convolution. */
const normalization = z.enum(['none', 'group', 'instance', 'batch']).default('group');

/** The network: its architecture by name, and its parameters. */
export const modelConfig = z.discriminatedUnion('architecture', [
  z.strictObject({
    architecture: z.literal('fcn'),
    /** Channels of the first level; each of the next two doubles them. */
    channels: count(most.channels).default(16),
    normalization,
    /** Groups of group normalization; they must divide the channels. */
    groups: count(most.channels).default(4),
    initFrom,
  }),
  z.strictObject({
    architecture: z.literal('unet'),
    /** Channels of the first level; each further level doubles them. */
    channels: count(most.channels).default(8),
    /** Number of levels, including the bottom one. */
    depth: z.int().min(2).max(6).default(3),
    normalization,
    /** Groups of group normalization; they must divide the channels. */
    groups: count(most.channels).default(4),
    /** Fraction of activations dropped during training. */
    dropout: z.number().min(0).max(0.9).default(0),
    initFrom,
  }),
  /** For classification: one score per class and image. */
  z.strictObject({
    architecture: z.literal('vgg'),
    /** Channels of the first level; each further level doubles them. */
    channels: count(most.channels).default(8),
    /** Number of levels, of two convolutions each. */
    depth: z.int().min(1).max(6).default(2),
    normalization,
    /** Groups of group normalization; they must divide the channels. */
    groups: count(most.channels).default(4),
    /** Fraction of activations dropped during training. */
    dropout: z.number().min(0).max(0.9).default(0),
    initFrom,
  }),
  /** For classification: basic residual blocks. ResNet-18 has channels 64, depth 4, blocks 2. */
  z.strictObject({
    architecture: z.literal('resnet'),
    /** Channels of the first level; each further level doubles them. */
    channels: count(most.channels).default(8),
    /** Number of levels; each after the first halves the image and doubles the channels. */
    depth: z.int().min(1).max(6).default(3),
    /** Number of residual blocks of two convolutions in each level. */
    blocks: z.int().min(1).max(8).default(2),
    normalization,
    /** Groups of group normalization; they must divide the channels. */
    groups: count(most.channels).default(4),
    /** Fraction of activations dropped during training. */
    dropout: z.number().min(0).max(0.9).default(0),
    initFrom,
  }),
  z.strictObject({
    /** FCN-8s on the encoder of VGG-16 (thesis §3.4.3.1). */
    architecture: z.literal('fcn8s'),
    /** Channels of the first block; VGG-16 has 64. */
    channels: count(most.channels).default(64),
    /** Channels of the two convolutions that replace VGG's fully connected layers; VGG-16 has 4096. */
    classifierChannels: count(most.channels).default(4096),
    /** Fraction of activations dropped during training. */
    dropout: z.number().min(0).max(0.9).default(0.5),
    /** Must be `none`: VGG-16 has no normalization, and its weights fit no other network. */
    normalization: z
      .enum(['none', 'group', 'instance', 'batch'])
      .default('none')
      .refine((value): boolean => value === 'none', 'must be none for fcn8s'),
    /** Has no effect: nothing is normalized. */
    groups: count(most.channels).default(1),
    initFrom,
  }),
]);

export type ModelConfig = z.infer<typeof modelConfig>;
