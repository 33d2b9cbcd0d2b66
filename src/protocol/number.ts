import * as z from 'zod';

// Typed separately: TypeScript cannot read a key -Infinity in a declaration.
const names: readonly string[] = ['NaN', 'Infinity', '-Infinity', 'nan', 'inf', '-inf'];

/** A number that may be NaN or infinite: JSON has no such numbers, so they travel as strings. */
export const wireNumber = z.union([
  z.number(),
  z.enum(names).transform((text) => Number(text.replace(/inf(inity)?/i, 'Infinity').replace(/nan/i, 'NaN'))),
]);

/** The JSON form of a number, with NaN and infinities as strings. */
export function toWire(value: number): number | 'NaN' | 'Infinity' | '-Infinity' {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
