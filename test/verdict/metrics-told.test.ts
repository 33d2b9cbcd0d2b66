import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { runCli } from '../cli/run-cli.ts';
import { told, writeProject } from './studies.ts';

// Every test starts a dozen programs.
vi.setConfig({ testTimeout: 300_000 });

/** `noise` differs from seed to seed; `k` is what the workers together come to. */
const trainer = (metrics: string) => `
start();
const measured = ${metrics};
for (let epoch = 1; epoch <= spec.epochs; epoch++) report({ type: 'epoch', epoch, loss: 1 / epoch, metrics: measured });
report({ type: 'evaluation', split: 'test', metrics: measured, classes: { liver: measured } });
report({ type: 'finished' });
`;

const plain = (text: string) => text.replace(/\s+/g, ' ');
const toldBy = async (project: string, ...words: string[]) => (await told(project, ...words)).output;
const history = z.object({
  definitions: z.record(
    z.string(),
    z.object({ direction: z.string(), unit: z.string().nullable(), fraction: z.boolean() }),
  ),
  reportedInPercent: z.boolean(),
  baseline: z.object({
    metrics: z.record(z.string(), z.object({ mean: z.number() })),
    parts: z.array(z.object({ classes: z.record(z.string(), z.record(z.string(), z.object({ mean: z.number() }))) })),
  }),
});

/** What every command prints of a study that has ended. */
async function printed(project: string) {
  const csv = (await toldBy(project, 'history', '--csv')).split('\n');
  const [header = '', first = ''] = csv;
  const cells = Object.fromEntries(header.split(',').map((name, index) => [name, first.split(',')[index]]));
  await told(project, 'report', 'told', '--out', join(project, 'report'));
  return {
    text: plain(await toldBy(project, 'history')),
    json: history.parse(JSON.parse(await toldBy(project, 'history', '--json'))),
    cells,
    shown: plain(await toldBy(project, 'show')),
    markdown: await toldBy(project, 'export', 'told', '--format', 'markdown'),
    report: readFileSync(join(project, 'report', 'report.html'), 'utf8'),
  };
}

describe('a study decided on a distance', () => {
  it('is told in millimetres of which fewer are better, wherever it is told', async () => {
    const project = writeProject({
      study: { decision: { rule: 'thesis', metrics: ['hd95', 'dice'], tolerance: 0.5 }, baseline: { seeds: 2 } },
      trainer: trainer('{ hd95: (one ? 4.2 : 9.4) + noise, dice: 0.8 }'),
    });
    const run = await told(project, 'run');
    expect(run.exitCode).toBe(3);
    expect(run.output).toContain('Decides on hd95 in mm, lower is better; then dice, higher is better.');
    expect(run.output).toContain('hd95 9.40 mm');
    expect(run.output).toMatch(
      /hd95 9\.40\d mm against the baseline's 4\.20\d \(\+5\.\d+ mm, lower is better\): not reached/,
    );
    const { text, json, cells, shown, markdown, report } = await printed(project);
    expect(text).toContain('hd95 (mm) ↓ dice ↑');
    expect(text).toContain('9.40 (+5.2)');
    expect(text).toContain('hd95 in mm, lower is better; dice in points (hundredths), higher is better');
    expect(text).toContain('+5.2 mm, spread unknown: cannot tell which is better');
    expect(json.definitions).toMatchObject({ hd95: { direction: 'lower', unit: 'mm', fraction: false } });
    expect(cells).toMatchObject({
      hd95Unit: 'mm',
      hd95Direction: 'lower',
      diceUnit: 'fraction',
      diceDirection: 'higher',
    });
    expect(shown).toContain('hd95 9.40 mm (+5.2 mm, spread unknown: cannot tell which is better)');
    expect(markdown).toContain('| hd95 (mm) ↓ | dice ↑ |');
    expect(report).toContain('hd95 in mm, lower is better');
    expect(report).not.toMatch(/loss of hd95/);
  });
});

describe('a study decided on a loss', () => {
  it('is told as a loss, and one that rose is worse', async () => {
    const project = writeProject({
      study: { decision: { rule: 'thesis', metrics: ['val_loss'], tolerance: 0.02 } },
      trainer: trainer('{ val_loss: one ? 0.2 : 0.6 }'),
    });
    expect((await told(project, 'run')).exitCode).toBe(3);
    const { text, cells, shown } = await printed(project);
    expect(text).toContain('val_loss ↓');
    expect(text).toContain('0.600 (+0.4)');
    expect(text).toContain('+0.4, spread unknown: cannot tell which is better');
    expect(text).not.toContain('points');
    expect(cells).toMatchObject({ val_lossUnit: '', val_lossDirection: 'lower' });
    expect(shown).toContain('val_loss 0.600 (+0.4, spread unknown: cannot tell which is better)');
  });

  it('may be 0 from beginning to end, which is no breakdown', async () => {
    const project = writeProject({
      study: {
        decision: { rule: 'thesis', metrics: ['hd95'], tolerance: 0.5 },
        epochs: 8,
        divergence: { zeroEpochs: 1 },
      },
      trainer: trainer('{ hd95: 0 }').replace('loss: 1 / epoch', 'loss: 1'),
    });
    const { output } = await told(project, 'run');
    expect(output).not.toContain('diverged');
    expect(output).toContain('hd95 0.000 mm');
  });
});

describe('a study of a trainer that reports percent', () => {
  it('is told in shares of 1, classes and parts too, and says so', async () => {
    const project = writeProject({
      study: { decision: { rule: 'thesis', metrics: ['accuracy'] } },
      trainer: trainer('{ accuracy: one ? 91.3 : 0.95 }'),
    });
    expect((await told(project, 'run')).exitCode).toBe(3);
    const { text, json } = await printed(project);
    expect(text).toContain('0.913');
    expect(text).toContain('(−90.3)');
    expect(text).toContain('The trainer reports percent; values are shown as fractions');
    expect(json.reportedInPercent).toBe(true);
    const [part] = json.baseline.parts;
    expect(part?.classes['liver']?.['accuracy']?.mean).toBeCloseTo(0.913, 9);
    expect(plain(await toldBy(project, 'history', '--classes'))).toContain('liver 0.913');
  });
});

describe('a config', () => {
  it('with a loss that diverges at once is refused with the fix', async () => {
    const project = writeProject({ study: { divergence: { lossFactor: 1 } } });
    const { code, stderr: output } = await runCli(['plan', join(project, 'study.yaml')]);
    expect(code).toBe(1);
    expect(output).toContain('divergence.lossFactor is 1; give a number above 1');
  });
});
