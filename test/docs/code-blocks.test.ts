import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { packedProject } from '../install/pack.ts';
import { type CodeBlock, codeBlocks, commandLines, needs } from './code-blocks.ts';

const root = new URL('../../', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'code-blocks-'));
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };

/** The test that runs what stands on a page in these languages, start to end. */
const runBy: Record<string, [languages: string, test: string]> = {
  'docs/library-api.md': ['ts text', 'test/library-api.test.ts'],
  'docs/own-modules.md': ['ts', 'test/examples/own-modules.test.ts'],
  'CONTRIBUTING.md': ['ts', 'test/docs/code-blocks.test.ts'],
  'docs/launchers.md': ['ts', 'test/docs/code-blocks.test.ts'],
  'docs/components.md': ['diff', 'test/examples/switching.test.ts'],
  'docs/walkthrough.md': ['sh', 'test/walkthrough/walkthrough.test.ts'],
  'docs/python-client.md': ['diff', 'test/examples/pytorch-ddp.test.ts'],
  'docs/trainer-protocol.md': ['json ndjson bash', 'test/protocol/json-schemas.test.ts'],
};
const shell = ['', 'sh', 'bash'];
const blocks = codeBlocks();

/** The parts that read what is typed and saved, of what `npm pack` makes. */
const { product } = await packedProject();
const packed = <Part>(file: string): Promise<Part> =>
  import(pathToFileURL(join(product, 'dist/src', `${file}.js`)).href);
const { commandTable } = await packed<typeof import('../../src/cli/command-table.ts')>('cli/command-table');
const { parseStudyConfig } = await packed<typeof import('../../src/config/load.ts')>('config/load');
const { loadPrepConfig } = await packed<typeof import('../../src/config/load-prep.ts')>('config/load-prep');
const { readToldRuns } = await packed<typeof import('../../src/engine/by-hand/read-told-runs.ts')>(
  'engine/by-hand/read-told-runs',
);
const imgmed = await packed<typeof import('../../src/imgmed/index.ts')>('imgmed/index');

// What the configs name: the modules of the pages, a host file, a folder of slices.
for (const name of ['my-loss.mjs', 'hosts']) writeFileSync(join(folder, name), '');
symlinkSync(fileURLToPath(new URL('examples/cerebellum/slices', root)), join(folder, 'slices'));
for (const { text } of blocks) {
  const [, name] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
  if (name !== undefined) writeFileSync(join(folder, name), text);
}

describe('what a reader types or saves from README and docs', () => {
  it.each(blocks.filter(({ language }) => language === 'yaml'))('$at is a config that is taken', ({ text }) => {
    for (const document of parseAllDocuments(text)) takeConfig(document.toJS() as Record<string, unknown>);
  });

  it.each(blocks.filter(isTyped))('$at has commands, options and arguments that there are', async ({ text }) => {
    for (const words of commandLines(text)) await takeCommand(words, text);
  });

  it.each(Object.entries(commandTable))(
    'autopilot %s --help has examples that are taken',
    async (_, { examples = [] }) => {
      for (const words of commandLines(examples.join('\n'))) await takeAutopilot(words);
    },
  );

  it.each(blocks.filter(({ language }) => language === 'csv'))('$at is a table that is read', ({ text }) => {
    const file = join(folder, 'runs.csv');
    writeFileSync(file, text);
    expect(readToldRuns(file)).not.toHaveLength(0);
  });

  it.each([
    ['docs/launchers.md', ['src/launcher/launcher.ts']],
    ['CONTRIBUTING.md', ['schedules/policies/cosine.ts', 'test/launcher/slurm/launcher.test.ts']],
  ])('%s shows code as it is', (page, files) => {
    const shown = blocks.filter((block) => block.page === page && block.language === 'ts');
    expect(shown).toHaveLength(files.length);
    for (const [index, { text }] of shown.entries()) {
      const code = readFileSync(new URL(files[index] ?? '', root), 'utf8');
      for (const line of text.trim().split('\n')) expect(code).toContain(line.trim());
    }
  });

  it('imports from ./imgmed what it has', () => {
    const has = Object.keys(imgmed);
    const [shown] = blocks.filter(({ page, language }) => page === 'docs/imgmed.md' && language === 'js');
    expect(has).toEqual(
      expect.arrayContaining(
        /\{(.*?)\}/
          .exec(shown?.text ?? '')?.[1]
          ?.split(',')
          .map((name) => name.trim()) ?? [''],
      ),
    );
  });

  // Tests of these pages read the repository's files; a reader has those of the package.
  it.each([
    ['docs/trainer-protocol.md', 'schema'],
    ['docs/python-client.md', 'examples/pytorch-ddp'],
  ])('%s shows what is in the package, too: %s', (_, part) => {
    const here = fileURLToPath(new URL(part, root));
    const names = readdirSync(here).filter((name) => !name.startsWith('__'));
    for (const name of names) {
      expect(readFileSync(join(product, part, name), 'utf8'), name).toBe(readFileSync(join(here, name), 'utf8'));
    }
  });

  it('is tried by a test that is there, or says in the block what it needs', () => {
    const untried = blocks.filter((block) => kindOf(block) === 'fails').map(({ at, language }) => `${at} ${language}`);
    expect(untried).toEqual([]);
    for (const [, test] of Object.values(runBy)) expect(existsSync(new URL(test, root)), test).toBe(true);
    const counts = { checked: 0, 'needs more': 0, output: 0, fails: 0 };
    for (const block of blocks) counts[kindOf(block)] += 1;
    console.info(
      `code blocks: ${Object.entries(counts)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ')}`,
    );
  });
});

function kindOf(block: CodeBlock): 'checked' | 'needs more' | 'output' | 'fails' {
  const [languages, test] = runBy[block.page] ?? [];
  if (test !== undefined && languages?.split(' ').includes(block.language)) return 'checked';
  if (needs(block.text) !== null) return 'needs more';
  if (['yaml', 'csv'].includes(block.language) || isTyped(block)) return 'checked';
  return block.language === 'text' ? 'output' : 'fails';
}

function isTyped({ language, page }: CodeBlock): boolean {
  return shell.includes(language) && !(runBy[page]?.[0].split(' ').includes(language) ?? false);
}

/** A part of a study is completed to a whole one; what has an input and an output prepares slices. */
function takeConfig(value: Record<string, unknown>): void {
  if ('input' in value) {
    const file = join(folder, 'prep.yaml');
    writeFileSync(file, JSON.stringify(value));
    loadPrepConfig(file);
  } else {
    const study = { name: 'page', workers: 18, epochs: 20, setting: { initialLr: 0.5 }, data: { kind: 'phantom' } };
    parseStudyConfig('name' in value ? value : { ...study, ...value }, folder);
  }
}

async function takeCommand([program, ...words]: string[], block: string): Promise<void> {
  if (program === 'npm') {
    const script = words[0] === 'run' ? words[1] : words[0];
    expect(['install', ...Object.keys(scripts)]).toContain(script);
  } else if (program === 'autopilot') {
    await takeAutopilot(words);
  } else {
    expect(needs(block), `${program}: a comment "# needs …" in the block`).not.toBeNull();
  }
}

async function takeAutopilot([name = '', ...words]: string[]): Promise<void> {
  const entry = commandTable[name];
  if (entry === undefined) throw new Error(`autopilot has no command ${name}`);
  const command = idle((await entry.load()).command(commandTable));
  await command.parseAsync(words, { from: 'user' });
}

/** The same command, which reads its arguments and then does nothing. */
function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => {});
  for (const child of command.commands) idle(child);
  return command;
}
