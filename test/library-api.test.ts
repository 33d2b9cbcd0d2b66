import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import * as library from '../src/index.ts';
import { packedProject } from './install/pack.ts';
import { pageExamples } from './support/page-examples.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const examples = pageExamples('library-api.md', ['ts', 'yaml']);
const programs = examples.filter(({ file }) => file.endsWith('.ts'));
/** Loaded by others, not run by themselves. */
const modules = ['trainer.ts', 'my-loss.ts'];

describe('docs/library-api.md', () => {
  let folder: string;

  beforeAll(async () => {
    folder = (await packedProject()).inside();
    for (const { file, text } of examples) writeFileSync(join(folder, file), text);
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object;
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  }, 120_000);

  it('has examples that the type checker accepts', { timeout: 180_000 }, async () => {
    const checked = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    await expect(checked.then(({ stdout }) => stdout)).resolves.toBe('');
  });

  it.each(programs.filter(({ file }) => !modules.includes(file)))(
    'has $file, which prints what the page says',
    { timeout: 120_000 },
    async ({ file, prints }) => {
      const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', file], {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      });
      expect(stderr).toBe('');
      expect(stdout).toBe(prints);
    },
  );

  it('names every function of the library', () => {
    const page = readFileSync(join(root, 'docs/library-api.md'), 'utf8');
    const unnamed = Object.keys(library).filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
    expect(unnamed).toEqual([]);
  });
});
