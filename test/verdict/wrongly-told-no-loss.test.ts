import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runCli } from '../cli/run-cli.ts';

const classTrainer = fileURLToPath(new URL('class-trainer.mjs', import.meta.url));

interface Case {
  /** Fields of study.yaml besides those below. */
  config?: Record<string, unknown>;
  /** What class-trainer.mjs is told. */
  trainer: unknown;
  code: number;
  /** What must be said. */
  says: RegExp;
}

const liverAlone = { test: { dice: 0.477, classes: { liver: 0.955, tumour: 0 } } };
const both = { test: { dice: 0.78, classes: { liver: 0.96, tumour: 0.6 } } };
const lost = { test: { dice: 0.782, classes: { liver: 0.966, tumour: 0.005 } } };
const nonInferiority = { rule: 'nonInferiority', metrics: ['dice'], margin: 0.02 };

/** Each ends otherwise than with an unqualified "no loss"; a new way is one entry. */
const cases: Record<string, Case> = {
  'a class that nobody finds hides in the mean': {
    trainer: { one: liverAlone },
    code: 1,
    says: /never finds the class "tumour" \(dice 0\.000\).*decision\.classes: mean/s,
  },
  'k workers lose a class that the mean makes up for': {
    config: { decision: { ...nonInferiority } },
    trainer: { one: both, k: lost },
    code: 3,
    says: /2 workers lose the class "tumour" \(dice 0\.600 → 0\.005\)/,
  },
  'a class is worse by more than the margin, asked for each': {
    config: { decision: { ...nonInferiority, classes: 'each' } },
    trainer: { one: both, k: { test: { dice: 0.785, classes: { liver: 0.99, tumour: 0.55 } } } },
    code: 3,
    says: /not shown for the class "tumour" −0\.05/,
  },
  'settings are chosen on validation, and lose on the test part': {
    trainer: {
      one: { validation: { dice: 0.8 }, test: { dice: 0.8 } },
      k: { validation: { dice: 0.8 }, test: { dice: 0.7 } },
    },
    code: 3,
    says: /on the test part: .*0\.[67]\d+ against the baseline's 0\.[78]\d+.*not confirmed/,
  },
  'a run without the part that the baseline was judged on': {
    trainer: { one: { validation: { dice: 0.8 }, test: { dice: 0.8 } }, k: { test: { dice: 0.9 } }, always: ['test'] },
    code: 1,
    says: /evaluated on "test" and not on "validation", on which the baseline was evaluated/,
  },
};

it.each(Object.entries(cases))('is not said where %s', async (_name, { config, trainer, code, says }) => {
  const { text, ...end } = await studyOf(trainer, config);
  expect(text).toMatch(says);
  expect(end.code).toBe(code);
});

it.each([
  [
    'chosen and confirmed apart',
    { validation: { dice: 0.8 }, test: { dice: 0.8 } },
    /chosen on the validation part, confirmed on the test part/,
  ],
  ['on a test part alone', { test: { dice: 0.8 } }, /on the test part, for there is no validation part/],
  [
    'on a validation part alone',
    { val: { dice: 0.8 } },
    /decided on the part "validation" alone, which no test part confirms/,
  ],
])('says what it was decided on: %s', async (_name, one, says) => {
  const { code, text } = await studyOf({ one, always: ['val'] }, { decision: nonInferiority });
  expect(text).toMatch(says);
  expect(code).toBe(0);
});

async function studyOf(trainer: unknown, config: Record<string, unknown> = {}) {
  const project = mkdtempSync(join(tmpdir(), 'verdict-'));
  const study = {
    name: 'verdict',
    trainer: { kind: 'command', command: [process.execPath, classTrainer, JSON.stringify(trainer)] },
    workers: 2,
    epochs: 2,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    budget: { iterations: 2 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    ...config,
  };
  writeFileSync(join(project, 'study.yaml'), stringify(study));
  const { code, stdout, stderr } = await runCli(['run', join(project, 'study.yaml'), '--project', project]);
  return { code, text: stdout + stderr };
}
