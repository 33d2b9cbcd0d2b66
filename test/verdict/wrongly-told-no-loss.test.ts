import { copyFileSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runCli } from '../cli/run-cli.ts';
import { afterChange, type Told, takesLeftovers, told, writeProject } from './studies.ts';

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

/** A way in which a study could end with "no loss" though it is not true. */
interface Way {
  name: string;
  /** Fields of study.yaml beside or in place of those in `studies.ts`. */
  study?: Record<string, unknown>;
  /** The program: what follows the preamble of `studies.ts`. */
  trainer?: string;
  /** What is typed; left out: `autopilot run`, once. */
  type?: (project: string) => Promise<Told>;
  exitCode: number;
  /** The sentence that names the cause. */
  says: RegExp;
}

const ways: Way[] = [
  {
    name: 'a trainer whose lines carry no secret, so that nobody knows who wrote them',
    trainer: `line({ type: 'started' }); for (let epoch = 1; epoch <= spec.epochs; epoch++)
      line({ type: 'epoch', epoch, metrics: { dice: 0.8 } });
      line({ type: 'evaluation', metrics: { dice: 0.8 } }); line({ type: 'finished' });`,
    exitCode: 1,
    says: /carry no "secret".*Add the environment variable AUTOPILOT_SECRET to every line/s,
  },
  {
    name: 'a program that does nothing, while a process of another attempt reports into its folder',
    trainer: `line({ type: 'started', secret: 'of-another' }); line({ type: 'epoch', epoch: 2, metrics: { dice: 0.8 }, secret: 'of-another' });
      line({ type: 'evaluation', metrics: { dice: 0.8 }, secret: 'of-another' }); line({ type: 'finished', secret: 'of-another' });`,
    exitCode: 1,
    says: /A process that this engine did not launch writes into .*Its lines do not count/s,
  },
  {
    name: 'two processes that both take themselves for rank 0, the later evaluation being the better one',
    trainer: `const rank = process.argv[2];
      if (rank === undefined && !one) {
        const ranks = ['0', '1'].map((each) => spawn(process.execPath, [process.argv[1], each], { stdio: 'inherit' }));
        await Promise.all(ranks.map((child) => new Promise((done) => child.once('exit', done))));
      } else train(one ? 0.8 : 0.5 + 0.4 * Number(rank));`,
    exitCode: 1,
    says: /was reported twice, with \w+ [\d.]+ and [\d.]+: two processes both take themselves for rank 0/,
  },
  {
    name: 'a final evaluation of 1e999, after epochs with good numbers',
    trainer: `start(); epochs(0.8);
      appendFileSync(folder + '/events.ndjson', '{"type":"evaluation","metrics":{"dice":1e999},"secret":"' + secret + '"}\\n');
      report({ type: 'finished' });`,
    exitCode: 1,
    says: /an evaluation cannot be read: metrics\.dice.*1e999/,
  },
  {
    name: 'a final evaluation in words, after epochs with good numbers',
    trainer: `start(); epochs(0.8); end({ dice: 'excellent' });`,
    exitCode: 1,
    says: /an evaluation cannot be read: metrics\.dice.*"excellent"/,
  },
  {
    name: 'no final evaluation at all: the last epoch is not one',
    trainer: `start(); epochs(0.8); report({ type: 'finished' });`,
    exitCode: 1,
    says: /finished without an evaluation/,
  },
  {
    name: 'a program that is `false`, beside the run folders of a database that was removed',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => rmSync(join(project, 'autopilot.db'))),
    exitCode: 1,
    says: /autopilot\.db does not exist, and .*runs holds runs of the store \w+ of the project .*Put the database back/,
  },
  {
    name: 'a program that is `false`, beside a database that was emptied',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => truncateSync(join(project, 'autopilot.db'))),
    exitCode: 1,
    says: /autopilot\.db is empty \(0 bytes\), and .*runs holds runs of the store/,
  },
  {
    name: 'a program that is `false`, beside a database that was cut off',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => truncateSync(join(project, 'autopilot.db'), 40_000)),
    exitCode: 1,
    says: /autopilot\.db is damaged .*Nothing was changed/,
  },
  {
    name: "a program that is `false`, beside another project's database",
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange(async (project) => {
      const other = writeProject({ study: { budget: { iterations: 1 } }, trainer: 'train(0.7);' });
      await told(other);
      copyFileSync(join(other, 'autopilot.db'), join(project, 'autopilot.db'));
    }),
    exitCode: 1,
    says: /runs holds runs of the store \w+ of the project .*, not of .*autopilot\.db.*put the right one back/,
  },
  {
    name: 'a program that is `false`, in a project that shares its `runs` folder with one that finished',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    async type(project) {
      await told(project);
      const other = writeProject({ study: { trainer: { kind: 'command', command: ['false'] } } });
      symlinkSync(join(project, 'runs'), join(other, 'runs'));
      return told(other);
    },
    exitCode: 1,
    says: /runs holds runs of the store .*give this one a runs folder of its own/,
  },
  {
    name: 'k workers that find the checkpoints of the one worker in their folder, and a client that looks for its own',
    study: {
      trainer: { kind: 'command', command: ['python3', 'trainer.py'] },
      checkpoints: { everyEpochs: 1 },
      budget: { iterations: 1 },
    },
    async type(project) {
      writeFileSync(join(project, 'trainer.py'), takesLeftovers);
      return told(project);
    },
    exitCode: 3,
    says: /Checkpoint ignored: .* is of the run told\.baseline-1\.\w+, not of told\.iteration-0\.\w+/,
  },
  {
    name: 'a network that learned nothing, on one worker as on k',
    trainer: 'train(0);',
    exitCode: 1,
    says: /the baseline did not learn: its dice 0\.000 is not better than the 0\.000 of a trivial predictor/,
  },
  {
    name: 'a network no better than the trivial predictor that the trainer measured',
    trainer: `start(); epochs(0.22);
      report({ type: 'evaluation', split: 'test', metrics: { dice: one ? 0.22 : 0.225 }, trivial: { dice: 0.24 } });
      report({ type: 'finished' });`,
    exitCode: 1,
    says: /the baseline did not learn: its dice 0\.220 is not better than the 0\.240 of a trivial predictor/,
  },
  {
    name: 'one worker at 91.3 percent, k workers collapsed at 0.95 percent',
    trainer: 'train(one ? 91.3 : 0.95);',
    exitCode: 3,
    says: /dice 0\.009 against the baseline's 0\.913/,
  },
  {
    name: 'one worker that reports fractions, k workers that report percent',
    trainer: 'train(one ? 0.9 : 91.3);',
    exitCode: 1,
    says: /dice is 91\.3, which is not from 0 to 1, and baseline-1 settled that this study's are fractions/,
  },
  {
    name: 'a loss of which nobody said how much of it does not matter',
    study: { decision: { rule: 'thesis', metrics: ['val_loss'] } },
    trainer: 'start(); epochs(0.8); end({ val_loss: one ? 0.2 : 0.6 });',
    exitCode: 1,
    says: /decision\.tolerance is missing, and val_loss is no share of 1.*write the largest loss that does not matter/,
  },
  {
    name: 'a loss that is three times as large on k workers',
    study: { decision: { rule: 'thesis', metrics: ['val_loss'], tolerance: 0.02 } },
    trainer: 'start(); epochs(0.8); end({ val_loss: one ? 0.2 : 0.6 });',
    exitCode: 3,
    says: /val_loss 0\.600 against the baseline's 0\.200/,
  },
  {
    name: 'a metric of which nobody knows what is better',
    study: { decision: { rule: 'thesis', metrics: ['my_score'], tolerance: 0.01 } },
    trainer: 'start(); epochs(0.8); end({ my_score: one ? 0.2 : 0.6 });',
    exitCode: 1,
    says: /nobody knows which values of "my_score" are better.*metrics: \[\{ name: my_score, direction: higher/s,
  },
  {
    name: 'one process that trains alone where 2 workers were asked',
    trainer: "report({ type: 'started', workers: 1 }); epochs(0.8); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: 2 workers were asked, and the trainer measured 1\. Start as many processes/,
  },
  {
    name: 'a rate of its own, one worker as k',
    trainer: 'start(); epochs(0.8, () => ({ lr: 0.05 })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 0\.1 was asked as the learning rate of epoch 1, and the trainer measured 0\.05\. Take the rate/,
  },
  {
    name: 'the rate of one worker on k',
    trainer: 'start(); epochs(0.8, () => ({ measured: { lr: [{ min: 0.1, max: 0.1 }] } })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 0\.2 was asked as the learning rate of epoch 2, and the trainer measured 0\.1/,
  },
  {
    name: 'another optimizer than the one that was asked',
    trainer: "start({ measured: { optimizer: 'adam' } }); epochs(0.8); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: the optimizer sgd was asked, and the trainer measured adam/,
  },
  {
    name: 'another batch per worker than the one that was asked',
    trainer: 'start({ measured: { batchPerWorker: one ? 1 : 8 } }); epochs(0.8); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: a batch of 1 per worker was asked, and the trainer measured 8/,
  },
  {
    name: 'half of the optimizer steps of an epoch',
    trainer:
      'start({ measured: { stepsPerEpoch: 20 } }); epochs(0.8, () => ({ measured: { steps: 10 } })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 20 optimizer steps are an epoch of this training, and the trainer measured 10 in epoch 1/,
  },
  {
    name: 'a training that says it is complete after half of its epochs',
    trainer: "start(); report({ type: 'epoch', epoch: 1, metrics: { dice: 0.8 } }); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: 2 epochs were asked, and the trainer finished after epoch 1/,
  },
  {
    name: 'the better one of two trainings in one attempt',
    trainer: `const once = (dice) => { start(); epochs(dice); report({ type: 'evaluation', split: 'test', metrics: { dice } }); };
      once(one ? 0.8 : 0.5); if (!one) once(0.9); report({ type: 'finished' });`,
    exitCode: 1,
    says: /the training started again after it had been evaluated \("started" came twice\)/,
  },
];

describe('"no loss" is not said of', () => {
  it.each(ways)('$name', { timeout: 120_000 }, async ({ study, trainer, type = told, exitCode, says }) => {
    const project = writeProject({ ...(study ? { study } : {}), ...(trainer ? { trainer } : {}) });
    const end = await type(project);
    expect(end.output).toMatch(says);
    expect(end.output).not.toMatch(/no loss:|noLoss[^,]*$/m);
    expect(end.exitCode).toBe(exitCode);
    rmSync(project, { recursive: true, force: true });
  });
});
