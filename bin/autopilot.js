#!/usr/bin/env node
// The commands `autopilot` and `grescale-autopilot`. A file of its own, so that no build has to set its execute bit.
import { existsSync } from 'node:fs';

const program = new URL('../dist/src/program/cli-main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  console.error(`${program.pathname} is not there: this clone is not built. Run: npm run setup`);
  process.exitCode = 1;
}
