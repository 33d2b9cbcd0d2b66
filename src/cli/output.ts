import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../domain/text/printable.ts';
import { fitted } from '../report/tables/text-width.ts';
import { terminalWidth } from './terminal-width.ts';

/** Width and colours of this terminal or pipe. NO_COLOR and FORCE_COLOR are respected. */
export function textOptions(): { width: number; colors: Colors } {
  const inTerminal = process.stdout.isTTY === true;
  return {
    width: terminalWidth() ?? Number.POSITIVE_INFINITY,
    colors: pc.createColors(pc.isColorSupported && (inTerminal || Boolean(process.env.FORCE_COLOR))),
  };
}

/** The same for text read elsewhere, such as in a notification: no colours, and at most 100 columns. */
export function plainTextOptions(): ReturnType<typeof textOptions> {
  return { width: Math.min(100, textOptions().width), colors: pc.createColors(false) };
}

/** Matches colours, bold and dim as picocolors writes them, but nothing that hides text or moves the cursor. */
const style = new RegExp(`(${String.fromCharCode(27)}\\[(?:[0-79]|2[2-9]|[34]\\d|9\\d|10\\d)m)`);

/** Prints text with its colours; all other control characters are made visible. */
export function printText(text: string): void {
  const shown = text
    .split(style)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
  process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
}

/** Prints text for people: lines wider than the terminal are wrapped at spaces. */
export function printFitted(text: string): void {
  printText(fitted(text, textOptions().width));
}

/** Prints JSON, with NaN and infinities as strings. */
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
