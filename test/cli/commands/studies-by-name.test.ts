import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { table62 } from '../../report/stored-study.ts';
import { said } from './said.ts';
import { addComparison, projectWith } from './stored-projects.ts';

const project = projectWith(table62, { ...table62, name: 'brain', outcome: 'exhausted' });
addComparison(project, 'brain-compare');

describe('autopilot stats', () => {
  it('adds up the studies of several projects, comparisons left out', async () => {
    const other = projectWith({ ...table62, name: 'lung' });
    const text = await said('stats', project, other, project);
    expect(text).toContain('3 studies: noLoss 2, exhausted 1.');
    expect(text).toMatch(/increase the decay coefficient +3 +3 +0 +0 +3 +3 \(100 %\)/);
    const { studies, actions } = JSON.parse(await said('stats', project, '--json'));
    expect([studies, actions.length]).toEqual([2, 2]);
  });

  it('counts simulated studies only where there are no others', async () => {
    const other = projectWith({ ...table62, name: 'lung', simulated: true });
    const text = await said('stats', project, other);
    expect(text).toMatch(/^2 studies: .* Left out: 1 study of the simulated trainer\./);
    expect(await said('stats', other)).toMatch(/^SIMULATED/);
  });

  it('names a folder without a project', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'empty-'));
    await expect(said('stats', project, empty)).rejects.toThrow(`${join(empty, 'autopilot.db')} does not exist`);
  });
});

const ask = (command: string, name: string) =>
  said(command, name, ...(command === 'show' ? ['1'] : []), '--project', project);

it.each([['history'], ['resume'], ['show']])(
  'autopilot %s sends one who names a comparison to autopilot compare',
  async (command) => {
    const answer = ask(command, 'brain-compare');
    await expect(answer).rejects.toThrow(/is a comparison of policies, not a study.*autopilot compare/);
  },
);

it('autopilot report writes the report of a comparison too', async () => {
  expect(await ask('report', 'brain-compare')).toMatch(/^Wrote .*brain-compare\/report\.html/);
});

describe.each([['history'], ['report'], ['resume'], ['show']])('autopilot %s', (command) => {
  it('suggests a name for one that is nearly right, else lists the names', async () => {
    await expect(ask(command, 'brian')).rejects.toThrow('Did you mean "brain"?');
    await expect(ask(command, 'something')).rejects.toThrow('Studies: atrium, brain.');
  });
});
