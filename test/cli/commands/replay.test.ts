import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { said } from './said.ts';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
const thesisTable = fileURLToPath(new URL('../../fixtures/thesis-tables/table-6-2.json', import.meta.url));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('autopilot replay', () => {
  it('says row by row where the guideline agrees with a table', async () => {
    expect(await said('replay', thesisTable)).toMatch(/All \d+ rows agree\./);
  });

  it.each([
    ['a file that is not there', () => join(folder, 'none.json'), /Cannot read .*none\.json/],
    ['a file of something else', () => file('broken.json', '{"workers": [1,'), /neither JSON nor YAML/],
    ['a table without rows', () => file('rowless.yaml', 'workers: 4\n'), /rowless\.yaml: \w+/],
    ['an empty file', () => file('empty.yaml', ''), /empty\.yaml: file/],
  ])('names %s', async (_, path, message) => {
    await expect(said('replay', path())).rejects.toThrow(message);
  });

  it('knows its guidelines, and names the field of one that is wrong', async () => {
    await expect(said('replay', thesisTable, '--guideline', 'thesys')).rejects.toThrow(
      /Unknown guideline "thesys".*thesis/,
    );
    const wrong = file('guideline.yaml', 'threshold: 12\nactions: [{action: prayMore}]\n');
    await expect(said('replay', thesisTable, '--guideline', wrong)).rejects.toThrow(/guideline\.yaml/);
  });
});

describe('autopilot chart', () => {
  it('draws a guideline and a training run, as text, Mermaid and JSON', async () => {
    expect(await said('chart')).toContain('increaseWarmup');
    expect(await said('chart', '--guideline', 'playbook', '--format', 'mermaid')).toMatch(/^stateDiagram/m);
    expect(JSON.parse(await said('chart', '--run', '--json'))).toMatchObject({ edges: expect.any(Array) });
  });

  it('names a study file that is not there or is wrong, and a guideline it does not know', async () => {
    await expect(said('chart', join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml/);
    const wrong = file('study.yaml', 'name: x\nworkers: many\n');
    await expect(said('chart', wrong)).rejects.toThrow(/workers/);
    await expect(said('chart', '--guideline', 'own')).rejects.toThrow(/Unknown guideline "own"/);
  });
});
