import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** How this terminal (or pipe) is written to. NO_COLOR and FORCE_COLOR are respected. */
export function textOptions(): { width: number; colors: Colors } {
  const inTerminal = process.stdout.isTTY === true;
  return {
    width: inTerminal ? Math.max(40, process.stdout.columns) : Number.POSITIVE_INFINITY,
    colors: pc.createColors(pc.isColorSupported && (inTerminal || Boolean(process.env.FORCE_COLOR))),
  };
}

export function printText(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** JSON with NaN and infinities as strings. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
    2,
  );
  process.stdout.write(`${text}\n`);
}

/** `1 case`, `2 cases`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
