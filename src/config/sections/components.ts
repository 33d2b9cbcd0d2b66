import * as z from 'zod';
import { line, most } from './bounds.ts';

/** A module that the study provides for the embedded trainer. */
const component = z.strictObject({
  /** A `.mjs`, `.js` or `.ts` file with a default export made by a `define…()` helper; relative to the study file. */
  module: line,
  /** Passed to the module unchanged. */
  parameters: z.record(z.string(), z.unknown()).default({}),
});

/** Modules that replace parts of the embedded trainer (docs/components.md). Left out: the built-in parts. */
export const componentsConfig = z.strictObject({
  /** Replaces `model`. */
  architecture: component.optional(),
  /** Replaces `data`. */
  dataset: component.optional(),
  /** Replaces `loss`. */
  loss: component.optional(),
  /** The optimizer that `optimizer: custom` stands for, in `setting` or in the guideline. */
  optimizer: component.optional(),
  /** Replaces `strategy`. */
  strategy: component.optional(),
  /** Additional metrics, each under the name that its module gives; to decide on one, name it in `decision.metrics`. */
  metrics: z.array(component).max(most.items).default([]),
  /** Modules called at steps, epochs and checkpoints. */
  callbacks: z.array(component).max(most.items).default([]),
});

export type ComponentConfig = z.infer<typeof component>;
export type ComponentsConfig = z.infer<typeof componentsConfig>;
