/** What is evaluated as one class: a label value, or a region's values as `1+2+3`. */
export type Label = number | string;

/** The label values of a class. */
export function valuesOf(label: Label): number[] {
  return typeof label === 'number' ? [label] : label.split('+').map(Number);
}

/** The region of these values; for a single value, that label. */
export function labelOf(values: readonly number[]): Label {
  return values.length === 1 ? values[0]! : [...values].sort((a, b) => a - b).join('+');
}

/** Label values first, in order, then regions. */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
