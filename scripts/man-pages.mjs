// Writes the manual pages into dist/man, from the compiled definitions of the commands. Runs only in `npm pack`, since
// it loads every command.
import { mkdirSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
const { commandTable } = await import(new URL('src/cli/command-table.js', dist).href);
const { manPage } = await import(new URL('src/cli/man-page.js', dist).href);
const { about } = await import(new URL('src/cli/program.js', dist).href);

const folder = new URL('man/', dist);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('autopilot.1', folder), await manPage(commandTable, about));
writeFileSync(new URL('grescale-autopilot.1', folder), '.so man1/autopilot.1\n');
