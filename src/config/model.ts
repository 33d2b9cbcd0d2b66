import { z } from 'zod';

const normalization = z.enum(['none', 'group', 'instance', 'batch']).default('group');

/** The network by name with its parameters. */
export const modelConfig = z.discriminatedUnion('architecture', [
  z.strictObject({
    architecture: z.literal('fcn'),
    /** Channels of the first level; doubled at each of the next two. */
    channels: z.int().min(1).default(16),
    normalization,
    /** Channels per group are channels / groups. */
    groups: z.int().min(1).default(4),
  }),
  z.strictObject({
    architecture: z.literal('unet'),
    channels: z.int().min(1).default(8),
    /** Levels, counting the bottom one. */
    depth: z.int().min(2).max(6).default(3),
    normalization,
    groups: z.int().min(1).default(4),
    dropout: z.number().min(0).max(0.9).default(0),
  }),
]);

export type ModelConfig = z.infer<typeof modelConfig>;
