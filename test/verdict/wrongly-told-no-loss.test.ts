import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nonInferiority, told, writeProject } from './studies.ts';
import { waysOfEvidence } from './ways-of-evidence.ts';
import { waysOfNumbers } from './ways-of-numbers.ts';

const ways = [...waysOfEvidence, ...waysOfNumbers];

describe('"no loss" is not said of', { timeout: 240_000 }, () => {
  it.each(ways)('$name', async ({ study, trainer, type = told, exitCode, says }) => {
    const project = writeProject({ ...(study ? { study } : {}), ...(trainer ? { trainer } : {}) });
    const end = await type(project);
    expect(end.output).toMatch(says);
    expect(end.output).not.toMatch(/no loss:|noLoss[^,]*$/m);
    expect(end.exitCode).toBe(exitCode);
    rmSync(project, { recursive: true, force: true });
  });
});

describe('"no loss" says what it was decided on', { timeout: 240_000 }, () => {
  it.each([
    [
      'chosen and confirmed apart',
      '{ validation: { dice: 0.8 }, test: { dice: 0.79 } }',
      /chosen on the validation part, confirmed on the test part/,
    ],
    ['on a test part alone', '{ test: { dice: 0.8 } }', /on the test part, as there is no validation part/],
    [
      'on a validation part alone',
      '{ val: { dice: 0.8 } }',
      /decided on the part "validation" alone, which no test part confirms/,
    ],
  ])('%s', async (_name, parts, says) => {
    const study = { decision: nonInferiority, baseline: { seeds: 3 } };
    const end = await told(writeProject({ study, trainer: `judge(${parts}, ['val']);` }));
    expect(end.output).toMatch(says);
    expect(end.exitCode).toBe(0);
  });
});
