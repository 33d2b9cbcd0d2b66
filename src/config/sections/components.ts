import * as z from 'zod';
import { line, most } from './bounds.ts';

/** A part of the trainer that the study brings along. */
const component = z.strictObject({
  /** A `.mjs`, `.js` or `.ts` file with a default export made by a `define…()` helper; relative to the study file. */
  module: line,
  /** Handed to the module unchanged. */
  parameters: z.record(z.string(), z.unknown()).default({}),
});

/** Modules that replace parts of the embedded trainer (docs/components.md). Left out: its own parts. */
export const componentsConfig = z.strictObject({
  /** Instead of `model`. */
  architecture: component.optional(),
  /** Instead of `data`. */
  dataset: component.optional(),
  /** Instead of `loss`. */
  loss: component.optional(),
  /** What `optimizer: custom` means, in `setting` or in the guideline. */
  optimizer: component.optional(),
  /** Instead of `strategy`. */
  strategy: component.optional(),
  /** Further metrics, each under the name in its module; to decide on one, name it in `decision.metrics`. */
  metrics: z.array(component).max(most.items).default([]),
  /** Modules that are called at steps, epochs and checkpoints. */
  callbacks: z.array(component).max(most.items).default([]),
});

export type ComponentConfig = z.infer<typeof component>;
export type ComponentsConfig = z.infer<typeof componentsConfig>;
