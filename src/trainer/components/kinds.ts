/** The exchangeable actions of the trainer (thesis Figure 4.3: the extensible ones, and the model's parts). */
export const componentKinds = [
  'architecture',
  'dataset',
  'loss',
  'optimizer',
  'metric',
  'strategy',
  'callback',
] as const;
export type ComponentKind = (typeof componentKinds)[number];

/** What a module gets from the `parameters` of its place in the config. */
export type Parameters = Record<string, unknown>;

/** `architecture` to `defineArchitecture` */
export function helperOf(kind: ComponentKind): string {
  return `define${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}
