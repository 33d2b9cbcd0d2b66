import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { toHtml } from '../../src/report/document/html.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { sampleProject } from '../dashboard/sample-project.ts';

function sampleReport() {
  const store = openStore({ path: join(sampleProject(), 'autopilot.db'), readOnly: true });
  try {
    return studyReport({ store, study: store.study('sample')!, nowMs: 1_700_000_500_000 });
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

  it('counts as missing what was not recorded', () => {
    const { document, manifest } = sampleReport();
    const checklist = manifest.checklist as { recommendation: string; met: boolean }[];
    const met = (name: string) => checklist.find(({ recommendation }) => recommendation === name)?.met;
    expect(met('Hardware')).toBe(false);
    expect(met('Several runs, their number and seeds')).toBe(true);
    expect(met('At least three metrics')).toBe(false);
    expect(JSON.stringify(document.sections.at(-1))).toContain('Missing: ');
  });
});
