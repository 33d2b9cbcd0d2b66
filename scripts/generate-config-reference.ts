import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configReference } from './config-reference.ts';

const target = fileURLToPath(new URL('../docs/config.md', import.meta.url));

// `npx tsx scripts/generate-config-reference.ts` writes docs/config.md; with `--check` it only compares.
const text = configReference();
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('docs/config.md is out of date. Run: npx tsx scripts/generate-config-reference.ts');
    process.exitCode = 1;
  }
} else writeFileSync(target, text);
