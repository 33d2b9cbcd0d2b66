#!/usr/bin/env node
import { fitted } from '../report/tables/text-width.ts';
import { failureOf } from './failure.ts';
import { isQuietExit, runProgram } from './program.ts';
import { handleLostReader } from './study/interruptions.ts';

/** The only place where an error becomes text and an exit code. */
async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', handleLostReader);
  try {
    await runProgram(argv);
  } catch (thrown) {
    if (isQuietExit(thrown)) return;
    const json = argv.includes('--json');
    const { text, exitCode } = failureOf(thrown, { json, verbose: argv.includes('--verbose') });
    process.exitCode = exitCode;
    if (json) process.stdout.write(`${text}\n`);
    else process.stderr.write(`${process.stderr.isTTY ? fitted(text, process.stderr.columns || 80) : text}\n`);
  }
}

await main(process.argv.slice(2));
