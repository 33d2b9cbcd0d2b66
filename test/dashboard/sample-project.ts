import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../db/index.ts';
import type { ActionName } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';

export const setting: Setting = {
  initialLr: 0.5,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
};

/** A project folder with one stored study: three baseline runs, then two iterations, the last one running. */
export function sampleProject({ epochs = 40 } = {}): string {
  const project = mkdtempSync(join(tmpdir(), 'autopilot-dashboard-'));
  const store = openStore({ path: join(project, 'autopilot.db') });
  const t0 = 1_700_000_000_000;
  store.insertStudy({
    id: 'sample',
    name: 'sample',
    config: { decision: { metrics: ['dice', 'meanIoU'] } },
    configHash: 'c',
    guidelineHash: 'g',
    directory: project,
    workers: 18,
    epochs,
    simulated: false,
    versions: {},
    createdMs: t0,
  });
  const addRun = (key: string, iteration: number | null, dice: number | null, of: Setting, minute: number) => {
    const id = `sample.${key}`;
    const kind = iteration === null ? 'baseline' : 'iteration';
    store.insertRun({
      id,
      studyId: 'sample',
      key,
      kind,
      iteration,
      repeat: 1,
      workers: iteration === null ? 1 : 18,
      setting: of,
      seed: 7,
      origin: 'trained',
      simulated: false,
      createdMs: t0,
    });
    store.markRunStarted(id, t0 + minute * 60_000);
    const trained = dice === null ? Math.floor(epochs / 2) : epochs;
    for (let epoch = 1; epoch <= trained; epoch++) {
      const phase = epoch <= 5 ? 'warmup' : epoch <= epochs - 15 ? 'stabilization' : 'decay';
      store.insertEpoch({
        runId: id,
        epoch,
        attempt: 1,
        phase,
        lr: Math.min(1, epoch / 5) * of.initialLr * 18,
        loss: 1 / epoch,
        metrics: { dice: 0.8 * (1 - 1 / epoch) },
        step: epoch * 10,
        seconds: 1,
        timeMs: t0 + minute * 60_000 + epoch * 1000,
      });
    }
    if (dice !== null)
      store.markRunEnded(id, {
        state: 'finished',
        reason: null,
        metrics: { dice, meanIoU: dice + 0.02 },
        timeMs: t0 + (minute + 1) * 60_000,
      });
    mkdirSync(join(project, 'runs', id, 'logs'), { recursive: true });
    writeFileSync(join(project, 'runs', id, 'logs', 'rank-0.log'), 'first line\nlast line\n');
  };
  for (const [index, dice] of [0.846, 0.852, 0.849].entries())
    addRun(`baseline-${index + 1}`, null, dice, setting, index);
  const halved = { ...setting, initialLr: 0.25 };
  const addIteration = (number: number, action: 'applyDefaults' | ActionName, parent: number | null, of: Setting) =>
    store.insertIteration({ studyId: 'sample', number, action, parent, setting: of, createdMs: t0 });
  addIteration(0, 'applyDefaults', null, setting);
  addIteration(1, 'decreaseInitialLr', 0, halved);
  addIteration(2, 'decreaseInitialLr', 1, { ...halved, initialLr: 0.125 });
  addRun('iteration-1', 1, 0.831, halved, 4);
  addRun('iteration-2', 2, null, { ...halved, initialLr: 0.125 }, 6);
  const eventSequence = store.appendEvent('sample', { type: 'run.finished', key: 'iteration-1', metrics: {} }, t0);
  store.insertDecision({
    studyId: 'sample',
    sequence: 1,
    iteration: 1,
    verdict: 'improved',
    rule: 'thesis.improved',
    observed: { dice: 0.831 },
    next: { action: 'decreaseInitialLr' },
    settingBefore: setting,
    settingAfter: halved,
    guidelineHash: 'g',
    reason: 'dice 0.831: nothing to compare with, so decrease the initial rate again.',
    eventSequence,
    timeMs: t0,
  });
  store.close();
  return project;
}
