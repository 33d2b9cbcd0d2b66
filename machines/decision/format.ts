const minus = '−';

/** A metric as people read it: `0.779`, four digits where three hide the difference. */
export function number(value: number | null, digits = 3): string {
  if (value === null) return 'nothing';
  return value.toFixed(digits).replace('-', minus);
}

/** A difference with its sign: `+0.012`, `−0.095`. */
export function signed(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 ? minus : '+'}${text}`;
}

/** Digits (3 to 6) that keep the given numbers apart. */
export function digitsFor(...values: (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  for (let digits = 3; digits < 6; digits++) {
    const distinct = new Set(known).size;
    if (new Set(known.map((value) => value.toFixed(digits))).size === distinct) return digits;
  }
  return 6;
}

/** A setting's number: `4.5`, `0.25`, `1e-5`. */
export function plain(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return String(rounded).replace('-', minus);
}
