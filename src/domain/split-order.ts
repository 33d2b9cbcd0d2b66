/** Sorts the parts of the data as they are used: validation first, others by name, test last. */
export function bySplit(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(split: string): number {
  return split === 'validation' ? 0 : split === 'test' ? 2 : 1;
}
