/** The exchangeable parts of the trainer (thesis Figure 4.3: the extensible actions, and the parts of the model). */
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

/** The `parameters` that the config gives to a module. */
export type Parameters = Record<string, unknown>;

/** `architecture` → `defineArchitecture` */
export function helperOf(kind: ComponentKind): string {
  return `define${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}
