import * as z from 'zod';
import { line, most } from './bounds.ts';

/** A part of the trainer that the study brings along. */
const component = z.strictObject({
  /** A `.mjs`, `.js` or `.ts` file with a default export made by a `define…()` helper; relative to the study file. */
  module: line,
  /** Handed to the module as they are. */
  parameters: z.record(z.string(), z.unknown()).default({}),
});

/** Modules that take the place of the trainer's own parts (docs/components.md). Left out: the trainer's own. */
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
  /** Further metrics, each under its module's own name; name it in `decision.metrics` to decide on it. */
  metrics: z.array(component).max(most.items).default([]),
  /** Called at steps, epochs and checkpoints. */
  callbacks: z.array(component).max(most.items).default([]),
});

export type ComponentConfig = z.infer<typeof component>;
export type ComponentsConfig = z.infer<typeof componentsConfig>;
