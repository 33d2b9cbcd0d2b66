import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../db/index.ts';
import { prepConfig } from '../../src/config/sections/prep.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';
import { type ChecklistItem, reproducibilityChecklist, scoreOf } from '../../src/report/study-report/checklist.ts';
import { studyFacts } from '../../src/report/study-report/facts.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { storeStudy } from './stored-study.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const metrics = (dice: number) => ({ dice, meanIoU: dice - 0.05, hd95: 3 });
/** A baseline of two runs and one setting that is validated: every setting has two runs. */
const repeated = {
  outcome: 'noLoss' as const,
  baseline: [metrics(0.81), metrics(0.8)],
  rows: [
    { action: 'applyDefaults' as const, metrics: metrics(0.81), verdict: 'reached' as const },
    { action: 'validate' as const, metrics: metrics(0.82), verdict: 'confirmed' as const },
  ],
};
const split = (ids: string[]) => ({
  count: ids.length,
  images: { dtype: 'float32', file: 'i', bytes: 1, sha256: '0'.repeat(64) },
  labels: { dtype: 'uint8', file: 'l', bytes: 1, sha256: '0'.repeat(64) },
  cases: ids,
});
const described = {
  ...{ format: 1, name: 'atria', height: 64, width: 64, channels: ['T1'], classes: ['background', 'atrium'] },
  ...{ spacingMm: null, licence: 'CC BY 4.0', madeBy: 'autopilot prep', acquisition: 'MRI, 3 T' },
  source: 'https://example.org/atria.zip',
  prep: prepConfig.parse({ input: 'scans', output: 'slices', augment: { copies: 1 } }),
  splits: {
    test: split(['la_9-z1']),
    train: split(['la_1-z1', 'la_1-z1-a1', 'la_1-z2', 'la_1-z2-a1', 'la_2-z1', 'la_2-z1-a1']),
    validation: split(['la_5-z1', 'la_5-z2']),
  },
};
const environment = {
  ...{
    gpu: 'NVIDIA A100',
    gpuMemoryBytes: 40e9,
    python: '3.11.7',
    versions: { torch: '2.13.0' },
    strategy: 'allreduce',
  },
  ...{ container: 'net@sha256:0a1b', source: 'https://example.org/net.git@0a1b2c3d' },
};
const config = {
  model: { architecture: 'unet' },
  trainer: { kind: 'command' },
  batchPerWorker: 2,
  decision: { rule: 'thesis', metrics: ['dice'] },
};

interface Changes {
  study?: object;
  manifest?: object | null;
  config?: object;
  environment?: object;
  /** The part whose metrics decide. */
  decides?: 'validation' | 'test';
}

function storedStudy(changes: Changes = {}): { store: Store; study: Parameters<typeof studyFacts>[1] } {
  const store = openStore({ path: ':memory:' });
  storeStudy(store, { ...repeated, ...changes.study });
  const stored = store.studies()[0]!;
  for (const run of store.runsOf(stored.id)) {
    store.describeAttempt(`${run.id}.1`, { capabilities: {}, environment: { ...environment, ...changes.environment } });
    const { decides = 'validation' } = changes;
    const other = decides === 'test' ? 'validation' : 'test';
    const evaluation = { runId: run.id, attempt: 1, classes: null, timeMs: 1 };
    store.insertEvaluation({ ...evaluation, split: decides, metrics: run.metrics! });
    store.insertEvaluation({ ...evaluation, split: other, metrics: metrics(0.1), timeMs: 2 });
  }
  const folder = mkdtempSync(join(tmpdir(), 'checklist-test-'));
  folders.push(folder);
  if (changes.manifest !== null) {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...described, ...changes.manifest }));
  }
  const data = { kind: 'slices', path: folder };
  return { store, study: { ...stored, config: { ...config, data, ...changes.config } } };
}

function checklist(changes: Changes = {}): ChecklistItem[] {
  const { store, study } = storedStudy(changes);
  try {
    return reproducibilityChecklist(studyFacts(store, study));
  } finally {
    store.close();
  }
}

const itemOf = (items: readonly ChecklistItem[], begin: string) =>
  items.find(({ recommendation }) => recommendation.startsWith(begin))!;

describe('the reproducibility checklist', () => {
  it('ticks each recommendation of a study that has it', () => {
    const items = checklist();
    expect(items.filter(({ state }) => state !== 'met')).toEqual([]);
    expect(scoreOf(items)).toBe(`${items.length} of ${items.length}`);
  });

  it('counts cases, not their slices and not copies of these', () => {
    const items = checklist();
    expect(itemOf(items, 'Total sample size').detail).toBe('4 cases, 9 slices');
    expect(itemOf(items, 'Ratio').detail).toBe(
      'train 2 cases, 6 slices; validation 1 case, 2 slices; test 1 case, 1 slice',
    );
  });

  const once = { baseline: [metrics(0.81)], rows: repeated.rows };
  const tried = [
    ...repeated.rows,
    { action: 'extendDecay' as const, setting: { decayEpochs: 20 }, metrics: metrics(0.7) },
  ];
  it.each<[string, string, Changes, RegExp]>([
    ['Architecture', 'a network of the trainer', { config: { model: undefined } }, /the trainer’s own/],
    ['Type of acquisition', 'images of unknown origin', { manifest: { acquisition: undefined } }, /as acquisition/],
    ['Image dimensions', 'no manifest', { manifest: null }, /no manifest/],
    ['Total sample size', 'no manifest', { manifest: null }, /no manifest/],
    [
      'Link to the data',
      'a local folder as source',
      { manifest: { source: '/home/me/scans' } },
      /"\/home\/me\/scans" cannot be fetched/,
    ],
    [
      'Preprocessing',
      'slices of another program',
      { manifest: { prep: undefined, madeBy: 'make.py' } },
      /make\.py, which stored no steps/,
    ],
    ['Augmentation', 'slices of another program', { manifest: { prep: undefined } }, /not stored/],
    ['Ratio', 'one part only', { manifest: { splits: { train: described.splits.train } } }, /no manifest/],
    ['Validation', 'settings chosen on the test part', { decides: 'test' }, /were not chosen on it/],
    [
      'Optimization algorithm',
      'an optimizer of its own',
      { study: { rows: [{ ...repeated.rows[0]!, setting: { optimizer: 'custom' } }] } },
      /study’s own/,
    ],
    ['Hyperparameters', 'no minibatch', { config: { batchPerWorker: undefined } }, /batchPerWorker/],
    ['Several runs', 'one baseline run', { study: once }, /Trained once: baseline\. /],
    ['Several runs', 'a setting that was tried once', { study: { rows: tried } }, /Trained once: iteration 2\. /],
    [
      'Training approach',
      'a trainer that averages in its own way',
      { environment: { strategy: undefined } },
      /environment\.strategy/,
    ],
    ['Hardware', 'a GPU of unknown memory', { environment: { gpuMemoryBytes: undefined } }, /gpuMemoryBytes/],
    ['Container', 'no container', { environment: { container: undefined } }, /environment\.container/],
    ['Dependencies', 'no versions', { environment: { versions: undefined } }, /\.versions/],
    ['Source code', 'a local folder', { environment: { source: '/home/me/net' } }, /cannot be fetched/],
    [
      'Source code',
      'a URL without a commit',
      { environment: { source: 'https://example.org/net.git' } },
      /with a commit/,
    ],
    [
      'Source code',
      'uncommitted changes',
      { environment: { source: 'https://example.org/net.git@0a1b2c3-dirty' } },
      /uncommitted/,
    ],
    ['At least three', 'one metric', { study: { baseline: [{ dice: 0.8 }], rows: [] } }, /Only dice were reported/],
    [
      'Metrics chosen',
      'overlap alone',
      { study: { baseline: [{ dice: 0.8, meanIoU: 0.7 }], rows: [] } },
      /another kind/,
    ],
  ])('does not tick "%s" for %s', (begin, _, changes, why) => {
    const item = itemOf(checklist(changes), begin);
    expect(item.detail).toMatch(why);
    expect(item.state).toBe('missing');
  });

  it('does not tick runs that were trained on another machine, or that did not say where', () => {
    const { store, study } = storedStudy();
    const [first, second] = store.runsOf(study.id);
    store.describeAttempt(`${first!.id}.1`, { capabilities: {}, environment: { ...environment, gpu: 'NVIDIA V100' } });
    const items = reproducibilityChecklist(studyFacts(store, study));
    expect(itemOf(items, 'Sources of variability')).toMatchObject({ state: 'missing' });
    expect(itemOf(items, 'Hardware')).toMatchObject({ state: 'met' });
    store.describeAttempt(`${second!.id}.1`, { capabilities: {}, environment: { host: 'node-1' } });
    const later = reproducibilityChecklist(studyFacts(store, study));
    store.close();
    expect(itemOf(later, 'Hardware')).toMatchObject({ state: 'missing' });
  });

  it('asks a simulated trainer for no network, data or hardware, and ticks no averaging of it', () => {
    const items = checklist({
      config: { trainer: { kind: 'simulated' }, strategy: 'allreduce' },
      environment: { strategy: undefined },
    });
    for (const name of ['Architecture', 'Image dimensions', 'Hardware'])
      expect(itemOf(items, name)).toMatchObject({ state: 'notApplicable' });
    expect(itemOf(items, 'Training approach')).toMatchObject({ state: 'missing' });
  });

  it('ticks nothing that was trained or decided before there is any', () => {
    const { store, study } = storedStudy();
    const items = reproducibilityChecklist({ ...studyFacts(store, study), runs: [], decisions: [], environments: [] });
    store.close();
    for (const begin of ['Optimization algorithm', 'Hyperparameters', 'Several runs', 'Number of runs']) {
      expect(itemOf(items, begin)).toMatchObject({
        state: 'missing',
        detail: expect.stringContaining('Nothing has been trained'),
      });
    }
    expect(itemOf(items, 'How hyperparameters')).toMatchObject({ state: 'missing' });
  });

  it('asks nothing of generated images but their number and size', () => {
    const data = { kind: 'phantom', size: 32, trainSlices: 24, testSlices: 12, seed: 0 };
    const items = checklist({ config: { data } });
    for (const begin of ['Type of acquisition', 'Link', 'Preprocessing', 'Augmentation']) {
      expect(itemOf(items, begin).state).toBe('notApplicable');
    }
    expect(itemOf(items, 'Image dimensions')).toMatchObject({ state: 'met' });
    expect(itemOf(items, 'Total').detail).toContain('36');
    const changed = checklist({ config: { data: { ...data, augmentation: { rotationDegrees: 10 } } } });
    expect(itemOf(changed, 'Augmentation').detail).toContain('rotation by up to 10°');
  });

  it('counts the steps that another program than prep stored with its slices', () => {
    const manifest = { ...described, prep: undefined, preprocessing: ['centred', 'scaled to 0..1'] };
    const items = checklist({ manifest });
    expect(itemOf(items, 'Preprocessing')).toMatchObject({ state: 'met' });
    expect(itemOf(items, 'Augmentation')).toMatchObject({ state: 'notApplicable' });
    const turned = checklist({ manifest: { ...manifest, augmentation: ['rotation by up to 12°'] } });
    expect(itemOf(turned, 'Augmentation').detail).toMatch(/^rotation by up to 12°; \d+ training slices$/);
    const { store, study } = storedStudy({ manifest });
    const text = toMarkdown(studyReport({ store, study }).document);
    store.close();
    expect(text).toContain('| Step 2 | scaled to 0..1 |');
    expect(text).toContain('The training slices are not augmented.');
  });

  it('stands in the report with why, and the report has what it ticks', () => {
    const { store, study } = storedStudy({ manifest: { splits: { ...described.splits, test: split(['la_1-z3']) } } });
    const { document } = studyReport({ store, study });
    store.close();
    const text = toMarkdown(document);
    expect(text).toContain('| Normalization | z-score: mean 0 and standard deviation 1 over each scan |');
    expect(text).toContain('- 1 changed copy of each training slice: rotation by up to 45°');
    expect(text).toContain('1 case (la\\_1) is in more than one part');
    expect(text).toContain('| Several runs of each setting | ✓ yes | baseline 2 runs, iteration 0 2 runs |');
    expect(text).toContain('SGD (Robbins and Monro 1951)');
  });
});
