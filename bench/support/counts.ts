import { parseArgs } from 'node:util';
import { Refusal } from './refusal.ts';

/**
 * The command line's numbers, in the order of `defaults`, which apply to those left out. Anything but whole numbers
 * above 0 is refused, options too, so that a mistake neither measures anything nor overwrites a results file.
 */
export function countsFrom<const Name extends string>(
  defaults: Record<Name, number>,
  args: string[] = process.argv.slice(2),
): Record<Name, number> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const names = Object.keys(defaults) as Name[];
  if (positionals.length > names.length) {
    const known = names.length === 0 ? 'none is known' : `known are ${names.join(', ')}`;
    throw new Refusal(`"${positionals[names.length]}" is one argument too many: ${known}.`);
  }
  const counts = { ...defaults };
  for (const [index, text] of positionals.entries()) counts[names[index]!] = countOf(names[index]!, text);
  return counts;
}

/** A whole number above 0. */
export function countOf(name: string, text: string): number {
  return numberFrom(1, name, text);
}

/** A whole number of at least `least`. */
export function numberFrom(least: 0 | 1, name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw new Refusal(`${name} is "${text}"; give a whole number from ${least} on.`);
}
