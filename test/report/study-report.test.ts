import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { toHtml } from '../../src/report/document/html.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { sampleProject } from '../dashboard/sample-project.ts';
import { storeStudy, table62 } from './stored-study.ts';

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
    expect(text).toContain('| Outcome | noLoss');
    expect(text).toContain(
      'thesis: dice, meanAccuracy, meanIoU (higher is better); reached within 0.2 points of the baseline',
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
