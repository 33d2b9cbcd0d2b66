import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { autopilot } from '../support/faulty-study.ts';

/** How a command line ended: its exit code and every word it printed. */
export interface Told {
  exitCode: number | null;
  output: string;
}

/** A way in which a study could end with "no loss" though it is not true. */
export interface Way {
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

export const nonInferiority = { rule: 'nonInferiority', metrics: ['dice'], margin: 0.02 };

/** What every trainer of this folder begins with: `spec`, a signed `report`, and a whole training at one accuracy. */
const preamble = `import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
const folder = process.env.AUTOPILOT_RUN;
const spec = JSON.parse(readFileSync(folder + '/run.json', 'utf8'));
const secret = process.env.AUTOPILOT_SECRET;
const line = (event) => appendFileSync(folder + '/events.ndjson', JSON.stringify(event) + '\\n');
const report = (event) => line({ ...event, secret });
const one = spec.workers === 1;
const noise = (spec.seed % 97) / 1e5;
const start = (more = {}) => report({ type: 'started', workers: spec.workers, ...more });
const epochs = (dice, more = () => ({})) => {
  for (let epoch = 1; epoch <= spec.epochs; epoch++)
    report({ type: 'epoch', epoch, loss: 1 / epoch, metrics: { dice }, ...more(epoch) });
};
const end = (metrics) => {
  report({ type: 'evaluation', split: 'test', metrics });
  report({ type: 'finished' });
};
// Epochs, and the parts that are asked for, or always told, with each class's dice: { test: { dice, classes: { liver } } }.
const judge = (parts, always = []) => {
  start(); epochs(Object.values(parts)[0].dice);
  const near = (value) => value > 0.05 ? value + ((spec.seed % 7) - 3) * 0.0005 : value;
  for (const [split, { dice, classes }] of Object.entries(parts)) {
    if (!spec.evaluate.includes(split) && !always.includes(split)) continue;
    const byClass = classes && Object.fromEntries(Object.entries(classes).map(([name, each]) => [name, { dice: near(each) }]));
    report({ type: 'evaluation', split, metrics: { dice: near(dice) }, classes: byClass });
  }
  report({ type: 'finished' });
};
const train = (dice) => { start(); epochs(dice); end({ dice }); };
`;

/** A project folder of its own with `study.yaml` and `trainer.mjs`; `study` are fields of the former. */
export function writeProject(
  { study = {}, trainer = '' }: { study?: Record<string, unknown>; trainer?: string },
  folder = mkdtempSync(join(tmpdir(), 'verdict-')),
): string {
  const whole = {
    name: 'told',
    trainer: { kind: 'command', command: ['node', 'trainer.mjs'] },
    workers: 2,
    epochs: 2,
    setting: { initialLr: 0.1, warmupEpochs: 1 },
    decision: { rule: 'thesis', metrics: ['dice'] },
    baseline: { seeds: 1 },
    budget: { iterations: 2 },
    ...study,
  };
  writeFileSync(join(folder, 'study.yaml'), stringify(whole));
  writeFileSync(join(folder, 'trainer.mjs'), preamble + trainer);
  return folder;
}

/** `autopilot …` on a project, as a user types it. */
export function told(project: string, ...words: string[]): Promise<Told> {
  const [command = 'run', ...rest] = words;
  const parameters = command === 'run' ? [command, project, ...rest] : [command, ...rest];
  return autopilot([...parameters, '--project', project]).ended;
}

/** A study, and once more with a program that does nothing, after a change to its files. */
export function afterChange(change: (project: string) => void | Promise<void>): (project: string) => Promise<Told> {
  return async (project) => {
    await told(project);
    await change(project);
    writeProject({ study: { trainer: { kind: 'command', command: ['false'] } } }, project);
    return told(project);
  };
}

/** One worker learns; k workers learn nothing, but find what the one has learned. */
export const takesLeftovers = `import glob, os, shutil, sys
sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL('../../clients/python', import.meta.url)))})
import grescale_autopilot as autopilot
with autopilot.current() as run:
    if run.workers > 1:
        for left in glob.glob(os.path.join(run.directory, "../*.baseline-1.*/checkpoints/*")):
            shutil.copy(left, os.path.join(run.directory, "checkpoints"))
    run.start()
    checkpoint = run.resume_from()
    dice = float(open(checkpoint.path).read()) if checkpoint else 0.8 if run.workers == 1 else 0.2
    for epoch in range(run.epochs):
        run.report(epoch + 1, loss=1.0 / (epoch + 1), dice=dice)
        run.checkpoint(str(dice).encode(), step=epoch + 1, epoch=epoch + 1)
    run.evaluate(dice=dice)
`;

/** A step that only leads to the one in question. */
export async function done(project: string, ...words: string[]): Promise<void> {
  const { exitCode, output } = await told(project, ...words);
  if (exitCode !== 0) throw new Error(output);
}

/** `autopilot tell` of a run's dice, in words. */
export const telling = (run: string, dice: number) => ['tell', 'told', '--run', run, '--metrics', `dice=${dice}`];
export const tell = (project: string, run: string, dice: number) => done(project, ...telling(run, dice));
