import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandTable } from '../../src/cli/command-table.ts';

import { environmentVariables } from '../../src/cli/man-page.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

it.each(Object.keys(commandTable))('docs/cli.md has %s in its table', (name) => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.some((row) => new RegExp(`^[^|]*\\| [^|]*\`${name}[ \`]`).test(row))).toBe(true);
});

it.each(Object.keys(environmentVariables))('docs/cli.md has %s among the environment variables', (name) => {
  expect(page).toMatch(new RegExp(`^\\| [^|]*\`${name}\``, 'm'));
});
