/** Validation first, other parts by their names, test last: the order in which they are used, wherever parts are listed. */
export function bySplit(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(split: string): number {
  return split === 'validation' ? 0 : split === 'test' ? 2 : 1;
}
