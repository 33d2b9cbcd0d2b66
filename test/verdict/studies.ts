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

/** What every trainer of this folder begins with: `spec`, a signed `report`, and a whole training at one accuracy. */
const preamble = `import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
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
const train = (dice) => { start(); epochs(dice); end({ dice }); };
`;

/** A project folder of its own with `study.yaml` and `trainer.mjs`; `study` are fields of the former. */
export function writeProject(
  { study = {}, trainer = '' }: { study?: Record<string, unknown>; trainer?: string },
  folder = mkdtempSync(join(tmpdir(), 'verdict-')),
): string {
  const whole = {
    name: 'told',
    trainer: { kind: 'command', command: [process.execPath, 'trainer.mjs'] },
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
