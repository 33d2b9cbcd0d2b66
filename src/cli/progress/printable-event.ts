import { printable } from '../../domain/text/printable.ts';

/**
 * A progress event whose texts are safe to print. In a text of several lines, such as a trainer's message, all but the
 * first are indented, so that none of them looks like one of autopilot's own.
 */
export function printableEvent<Value>(value: Value): Value {
  return mapped(value) as Value;
}

function mapped(value: unknown): unknown {
  if (typeof value === 'string') return printable(value).replace(/\n/g, '\n  ');
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [printable(name), mapped(item)]));
}
