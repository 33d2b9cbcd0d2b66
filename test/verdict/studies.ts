import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
