import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { slugOf } from './slug-of.ts';

/** Prints a benchmark's results and writes them to `bench/results/NAME-PROCESSOR.json`: one file per machine. */
export function writeResults(name: string, result: object): void {
  const folder = new URL('../results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(result, null, 2);
  writeFileSync(new URL(`${name}-${slugOf(cpus()[0]?.model ?? 'unknown')}.json`, folder), `${text}\n`);
  console.log(text);
}
