import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { guidelineHash as hashOfGuideline, resolveGuideline } from '../../machines/guideline/index.ts';
import { toHtml } from '../../src/report/document/html.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { sampleProject } from '../dashboard/sample-project.ts';
import { storeStudy, table62 } from './stored-study.ts';

const resolved = {
  decision: { rule: 'nonInferiority', margin: 0.01, metrics: ['dice', 'meanAccuracy', 'meanIoU'] },
  data: { kind: 'none' },
  model: { architecture: 'unet', channels: 8, depth: 3 },
  loss: 'crossEntropy',
};

function sampleReport() {
  const store = openStore({ path: join(sampleProject(), 'autopilot.db'), readOnly: true });
  try {
    return studyReport({ store, study: store.study('sample')! });
  } finally {
    store.close();
  }
}

describe('the report of a study', () => {
  it('puts the question and the answer first', () => {
    const [first] = sampleReport().document.sections;
    expect(first?.title).toBe('Question and answer');
    expect(JSON.stringify(first)).toContain('Not answered yet');
  });

  it('gives every stored run with its seed, and every decision with its reason', () => {
    const html = toHtml(sampleReport().document);
    for (const key of ['baseline-1', 'baseline-3', 'iteration-1', 'iteration-2']) expect(html).toContain(key);
    expect(html).toContain('nothing to compare with, so decrease the initial rate again');
  });

  it('answers in one sentence, with the numbers behind it', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, table62);
    const { document } = studyReport({ store, study: store.studies()[0]! });
    store.close();
    const text = toMarkdown({ ...document, sections: document.sections.slice(0, 1) });
    expect(text).toMatch(/> Answer: yes, .*has dice 0\.\d{3}.* on 16 workers; one worker has 0\.813/);
    expect(text).toContain('| Outcome | No accuracy loss, confirmed |');
    expect(text).toContain(
      'rule of the thesis: dice, mean accuracy, mean IoU (higher is better); reached within 0.2 points of the baseline',
    );
  });

  it('describes a machine once, though each run has a program hash of its own', () => {
    const project = sampleProject();
    const store = openStore({ path: join(project, 'autopilot.db') });
    for (const run of ['baseline-1', 'baseline-2', 'iteration-1']) {
      const name = `sample.${run}.1.x`;
      store.insertAttempt({
        name,
        runId: `sample.${run}`,
        number: 1,
        launcher: 'local',
        resumeFrom: null,
        createdMs: 1,
      });
      const cpu = run === 'iteration-1' ? 'another' : 'one';
      store.describeAttempt(name, { capabilities: {}, environment: { cpu, program: run } });
    }
    store.insertNote({ studyId: 'sample', runKey: 'iteration-1', text: 'the fan was loud', timeMs: 1 });
    const { document, manifest } = studyReport({ store, study: store.study('sample')! });
    store.close();
    expect(manifest.environments).toEqual([{ cpu: 'one' }, { cpu: 'another' }]);
    expect(toHtml(document)).toContain('iteration-1: the fan was loud');
  });

  it('says when, where and by whom it was made, and speaks to people, not to programs', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, { ...table62, config: { ...resolved, trainer: { kind: 'embedded' } } });
    const study = {
      ...store.studies()[0]!,
      createdMs: Date.UTC(2026, 0, 1, 8, 5),
      endedMs: Date.UTC(2026, 0, 1, 9, 10),
    };
    const versions = { autopilot: '0.1.0', host: 'node7', user: 'ada', commit: '0a1b'.repeat(10) };
    const text = toMarkdown(studyReport({ store, study: { ...study, versions } }).document);
    const earlier = toMarkdown(studyReport({ store, study: { ...study, versions: { host: 'node7' } } }).document);
    store.close();
    expect(text).toContain('| Started | 2026-01-01 08:05 UTC, ended 2026-01-01 09:10 UTC, 1 h 05 min later |');
    expect(text).toContain('host node7, user ada, grescale-autopilot 0.1.0, commit 0a1b0a1b0a1b');
    expect(earlier).toContain('| Made on | host node7 |');
    const prose = text.slice(0, text.indexOf('## How to repeat it'));
    expect(prose).toContain('| Loss function | cross-entropy |');
    expect(prose).not.toMatch(/\[rule|noLoss|nonInferiority|crossEntropy|kind \|/);
    expect(prose.match(/\b[a-z]+[A-Z]\w*/g)).toBeNull();
  });

  it('says what its guideline does where it is the one that is shipped now, and names it where it is not', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, { ...table62, config: { ...resolved, guideline: 'thesis' } });
    const study = store.studies()[0]!;
    const guidelineOf = (guidelineHash: string) =>
      /\| Guideline \| (.*) \|/.exec(
        toMarkdown(studyReport({ store, study: { ...study, guidelineHash } }).document),
      )?.[1];
    const now = guidelineOf(hashOfGuideline(resolveGuideline('thesis')));
    expect(now).toMatch(
      /^thesis, tuning at once above \d+ workers: \(1\) decrease the initial rate: times 0\.5.*; \(2\) /,
    );
    expect(guidelineOf('of an earlier version')).toBe('thesis');
    store.close();
  });

  it('counts as missing what was not recorded', () => {
    const { document, manifest } = sampleReport();
    const checklist = manifest.checklist as { recommendation: string; state: string }[];
    const state = (name: string) => checklist.find(({ recommendation }) => recommendation === name)?.state;
    expect(state('Hardware: reference and memory size')).toBe('missing');
    expect(state('Number of runs reported')).toBe('met');
    expect(state('At least three metrics')).toBe('missing');
    expect(JSON.stringify(document.sections.at(-1))).toContain('Missing: ');
  });
});
