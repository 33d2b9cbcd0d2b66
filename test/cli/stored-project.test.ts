import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { projectOfSchema, storedNames, storedSchemas } from '../support/project-of-schema.ts';
import { runCli } from './run-cli.ts';

async function said(project: string, ...argv: string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await runCli([...argv, '--project', project]);
  return { code, text: stdout + stderr };
}

describe.each(storedSchemas)('a project of schema %i', { timeout: 240_000 }, (version) => {
  const project = projectOfSchema(version);

  it('is shown and reported', async () => {
    const history = await said(project, 'history', storedNames.ended);
    expect(history).toMatchObject({ code: 0 });
    expect(history.text).toMatch(/is\s+confirmed:\s+no\s+accuracy\s+loss/);
    // Trainers report what they measured since version 7.
    if (version === 2) expect(history.text).toMatch(/noLoss, unverified: .*Unverified: the trainer did not report/s);
    const verified = version === 2 ? ', unverified' : '';
    expect((await said(project, 'history')).text).toMatch(new RegExp(`ended .* noLoss${verified} \\(simulated\\)`));
    expect(await said(project, 'show', storedNames.halfway, 'iteration-1')).toMatchObject({ code: 0 });
    const report = await said(project, 'report', storedNames.ended, '--out', join(project, 'report'));
    expect(report).toMatchObject({ code: 0 });
  });

  it('has its half-way study resumed, with what was finished kept', async () => {
    const { code, text } = await said(project, 'resume', storedNames.halfway);
    expect(text).toMatch(/halfway: |noLoss|exhausted|budgetSpent/);
    expect([0, 3]).toContain(code);
    const store = openStore({ path: join(project, 'autopilot.db'), readOnly: true });
    expect(store.eventsOf(storedNames.halfway, { types: ['study.configured'] })).toEqual([]);
    expect(store.runByKey(storedNames.halfway, 'iteration-1')?.metrics?.dice).toBeCloseTo(0.845, 2);
    expect(store.study(storedNames.halfway)?.outcome).not.toBeNull();
    store.close();
  });

  it('has its half-way comparison gone on with, and its whole one drawn as it was', async () => {
    const write = (name: string, trainer: string, compare: string): string => {
      const file = join(project, `${name}.yaml`);
      const task = 'workers: 4\nepochs: 10\nsetting: { initialLr: 0.5, warmupEpochs: 2 }';
      writeFileSync(file, `name: ${name}\n${task}\ntrainer: { ${trainer} }\ncompare: { workers: [4], ${compare} }\n`);
      return file;
    };
    const unfinished = write('unfinished', 'kind: simulated, epochMs: 40', 'policies: [constant, greScale], seeds: 2');
    const gone = await said(project, 'compare', unfinished);
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.text).toMatch(/[1-9] runs trained/);
    const policies = '[constant, greScale, guideline]';
    const whole = write('policies', 'kind: simulated', `policies: ${policies}, seeds: 2, iterations: 2`);
    const drawn = await said(project, 'compare', whole, '--draw');
    expect(drawn).toMatchObject({ code: 0 });
    expect(drawn.text).toMatch(/linear scaling, constant {2}0\.820 ± 0\.012 \(−3\.2\)/);
  });

  it('goes on being told by hand', async () => {
    const { code, text } = await said(project, 'tell', storedNames.byHand, '--metrics', 'dice=0.851');
    expect(code).toBe(0);
    expect(text).toContain('dice 0.851');
  });
});
