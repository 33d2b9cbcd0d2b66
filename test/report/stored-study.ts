import type { DecisionRecord, Store } from '../../db/index.ts';
import type { IterationAction } from '../../src/domain/guideline.ts';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import type { Setting } from '../../src/domain/setting.ts';
import type { RunKind, StudyOutcome, Verdict } from '../../src/domain/study.ts';

export const startSetting: Setting = {
  initialLr: 0.5,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 15,
  optimizer: 'sgd',
};

export interface StoredRow {
  action: IterationAction;
  parent?: number;
  setting?: Partial<Setting>;
  /** Null: not trained. */
  metrics: Metrics | null;
  verdict?: Verdict;
  reason?: string;
}

export interface StoredStudyOptions {
  name?: string;
  workers?: number;
  simulated?: boolean;
  outcome?: StudyOutcome | null;
  /** Decision metrics, the primary first. */
  metrics?: string[];
  /** As it was resolved; left out: of the decision alone. */
  config?: object;
  /** Gradient noise scale of every epoch on more than one worker; left out: not measured. */
  noiseScale?: number;
  baseline: Metrics[];
  rows: StoredRow[];
}

/** Writes a finished study into a store, as the engine would: every run takes 60 s and has 3 epochs. */
export function storeStudy(
  store: Store,
  {
    name = 'atrium',
    workers = 16,
    simulated = false,
    outcome = 'noLoss',
    metrics: decisionMetrics = ['dice', 'meanAccuracy', 'meanIoU'],
    config = { decision: { rule: 'thesis', metrics: decisionMetrics } },
    noiseScale,
    baseline,
    rows,
  }: StoredStudyOptions,
): void {
  let timeMs = Date.UTC(2026, 0, 1);
  store.insertStudy({
    id: name,
    name,
    config,
    configHash: 'c',
    guidelineHash: 'g',
    directory: '/project',
    workers,
    epochs: 40,
    simulated,
    versions: {},
    createdMs: timeMs,
  });
  const train = (key: string, kind: RunKind, iteration: number | null, setting: Setting, metrics: Metrics) => {
    const id = `${name}.${key}`;
    const k = kind === 'baseline' ? 1 : workers;
    store.insertRun({
      id,
      studyId: name,
      key,
      kind,
      iteration,
      repeat: Number(key.split('-').at(-1)) || 1,
      workers: k,
      seed: 7,
      setting,
      origin: 'trained',
      simulated,
      createdMs: timeMs,
    });
    store.markRunStarted(id, timeMs);
    store.insertAttempt({
      name: `${id}.1`,
      runId: id,
      number: 1,
      launcher: 'local',
      resumeFrom: null,
      createdMs: timeMs,
    });
    store.markAttemptStarted(`${id}.1`, { pid: 1 }, timeMs);
    for (const [index, phase] of ['warmup', 'stabilization', 'decay'].entries()) {
      store.insertEpoch({
        runId: id,
        epoch: index + 1,
        attempt: 1,
        phase,
        lr: setting.initialLr * (index + 1),
        loss: 1 / (index + 1),
        metrics: { dice: 0.3 * (index + 1) },
        step: index,
        seconds: 1,
        ...(noiseScale === undefined || k === 1
          ? {}
          : { measured: { gradientNoise: { trace: (index + 1) * noiseScale, squaredNorm: 1 } } }),
        timeMs: timeMs + index,
      });
    }
    timeMs += 60_000;
    const processes = { workers: k, batchPerWorker: 1, optimizer: setting.optimizer };
    const lr = { min: setting.initialLr, max: k * setting.initialLr };
    const measured = {
      ...processes,
      lr: [lr],
      steps: 120,
      stepsPerEpoch: 3,
      asked: { ...processes, lr },
      unmeasured: [],
    };
    store.markAttemptEnded(`${id}.1`, { reason: 'finished', message: null, measured, timeMs });
    store.markRunEnded(id, { state: 'finished', reason: null, metrics, timeMs });
  };
  let sequence = 0;
  const decide = (decision: Pick<DecisionRecord, 'iteration' | 'verdict' | 'reason'>) => {
    const eventSequence = store.appendEvent(
      name,
      { type: 'run.finished', key: `decision-${sequence}`, metrics: {} },
      timeMs,
    );
    sequence += 1;
    store.insertDecision({
      ...decision,
      studyId: name,
      sequence,
      rule: `thesis.${decision.verdict}`,
      observed: { dice: 0.684, baselineDice: 0.813 },
      next: outcome !== null && sequence > rows.length ? { outcome } : { action: 'validate' },
      settingBefore: startSetting,
      settingAfter: null,
      guidelineHash: 'g',
      eventSequence,
      timeMs,
    });
  };
  baseline.forEach((metrics, index) => {
    train(`baseline-${index + 1}`, 'baseline', null, startSetting, metrics);
  });
  decide({ iteration: null, verdict: 'baseline', reason: 'The baseline stands.' });
  let setting = startSetting;
  rows.forEach((row, number) => {
    setting = { ...setting, ...row.setting };
    const parent = row.parent ?? (number === 0 ? null : number - 1);
    store.insertIteration({ studyId: name, number, action: row.action, parent, setting, createdMs: timeMs });
    if (row.metrics === null) return;
    const validates = row.action === 'validate';
    const key = validates ? `validation-${number}-1` : `iteration-${number}`;
    train(key, validates ? 'validation' : 'iteration', number, setting, row.metrics);
    decide({
      iteration: number,
      verdict: row.verdict ?? 'improved',
      reason: row.reason ?? `Iteration ${number} was judged.`,
    });
  });
  if (outcome !== null) store.setOutcome(name, { outcome, reason: 'The guideline said so.', timeMs });
}

/** Thesis table 6.2: U-Net, left atrium, 16 GPUs; the settings are ours. */
export const table62: StoredStudyOptions = {
  baseline: [{ dice: 0.8132, meanAccuracy: 0.9611, meanIoU: 0.891 }],
  rows: [
    { action: 'applyDefaults', metrics: null },
    {
      action: 'decreaseInitialLr',
      setting: { initialLr: 0.25 },
      metrics: { dice: 0.7789, meanAccuracy: 0.9529, meanIoU: 0.8737 },
    },
    {
      action: 'decreaseInitialLr',
      setting: { initialLr: 0.125 },
      metrics: { dice: 0.6844, meanAccuracy: 0.8416, meanIoU: 0.7688 },
      verdict: 'degraded',
      reason: 'dice 0.779 \u2192 0.684 (\u22120.095): degraded.',
    },
    {
      action: 'increaseDecayCoefficient',
      parent: 1,
      setting: { initialLr: 0.25, decayCoefficient: 4.5 },
      metrics: { dice: 0.8119, meanAccuracy: 0.9643, meanIoU: 0.8994 },
      verdict: 'reached',
    },
    { action: 'validate', metrics: { dice: 0.8141, meanAccuracy: 0.9647, meanIoU: 0.8945 }, verdict: 'confirmed' },
  ],
};
