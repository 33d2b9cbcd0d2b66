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

export interface SpreadTextOptions {
  /** Variance of the setting's own runs. */
  own: number;
  /** The one that they count with. */
  counted: number;
  /** That of all settings together. */
  pooled: number;
  /** Which settings these are: `repeated`. */
  of: string;
}

/** `with a spread of 0.009, between its own 0.007 and the 0.011 of all repeated settings`; null if it counts with its own. */
export function spreadText({ own, counted, pooled, of }: SpreadTextOptions): string | null {
  if (!(counted > own)) return null;
  const spreads = [own, counted, pooled].map(Math.sqrt);
  const [its, used, all] = spreads.map((spread) => number(spread, digitsFor(...spreads, 0)));
  return `with a spread of ${used}, between its own ${its} and the ${all} of all ${of} settings`;
}

/** A setting's number: `4.5`, `0.25`, `1e-5`. */
export function plain(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return String(rounded).replace('-', minus);
}
