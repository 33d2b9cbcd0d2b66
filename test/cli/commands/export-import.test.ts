import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { table62 } from '../../report/stored-study.ts';
import { said } from './said.ts';
import { projectWith } from './stored-projects.ts';

const project = projectWith(table62, { ...table62, name: 'brain' });

describe('autopilot export', () => {
  it.each([
    ['csv', /^study,iteration,/],
    ['json', /^\{\n {2}"study": "brain"/],
    ['markdown', /^\| \\# \| action/],
    ['latex', /\\begin\{tabular\}/],
  ])('writes the table as %s', async (format, expected) => {
    expect(await said('export', 'brain', '--project', project, '--format', format)).toMatch(expected);
  });

  it('writes into a file, and names one that cannot be written', async () => {
    const out = join(project, 'table.csv');
    const from = ['export', 'brain', '--project', project, '--out'];
    expect(await said(...from, out)).toBe(`Wrote ${out}.\n`);
    expect(readFileSync(out, 'utf8')).toMatch(/^study,iteration,/);
    expect(JSON.parse(await said(...from, out, '--json'))).toEqual({ written: [{ file: out }] });
    await expect(said(...from, join(project, 'none', 'table.csv'))).rejects.toThrow(/none.*cannot be written/);
  });

  it('prints the table as JSON with --json, and takes no other format beside it', async () => {
    const json = ['export', 'brain', '--project', project, '--json'];
    expect(JSON.parse(await said(...json))).toMatchObject({ study: 'brain' });
    await expect(said(...json, '--format', 'latex')).rejects.toThrow('--format latex');
  });

  it('asks which of several studies is meant, and knows no other', async () => {
    await expect(said('export', '--project', project)).rejects.toThrow('Name one of them: atrium, brain.');
    await expect(said('export', 'brian', '--project', project)).rejects.toThrow('Did you mean "brain"?');
  });
});

describe('autopilot export --archive and import', () => {
  it('carry a study into another project, once', async () => {
    const archive = join(project, 'brain.tar.gz');
    const carry = ['export', 'brain', '--project', project, '--archive', archive];
    expect(await said(...carry)).toContain('Restore it with');
    const files = expect.any(Number);
    expect(JSON.parse(await said(...carry, '--json'))).toEqual({ written: [{ file: archive, files }] });
    const other = join(mkdtempSync(join(tmpdir(), 'imported-')), 'new');
    const imported = JSON.parse(await said('import', archive, '--project', other, '--json'));
    expect(imported).toEqual({ study: 'brain', project: other, files, leftOut: 0 });
    const history = (folder: string) => said('history', 'brain', '--project', folder);
    expect(await history(other)).toBe(await history(project));
    await expect(said('import', archive, '--project', other)).rejects.toThrow(/"brain".*exists|already/);
  });

  it('say what is wrong with a file that is no archive, and change nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imported-'));
    const text = join(folder, 'notes.tar.gz');
    writeFileSync(text, 'no archive at all');
    await expect(said('import', text, '--project', folder)).rejects.toThrow(/notes\.tar\.gz/);
    await expect(said('import', join(folder, 'none.tar.gz'), '--project', folder)).rejects.toThrow(/none\.tar\.gz/);
    if (existsSync(join(folder, 'autopilot.db'))) {
      const store = openStore({ path: join(folder, 'autopilot.db'), readOnly: true });
      expect(store.studies()).toEqual([]);
      store.close();
    }
  });
});
