import pc from 'picocolors';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { studyHistory } from '../../src/report/history/history.ts';
import { historyText } from '../../src/report/history/text.ts';
import { withParts } from '../../src/report/parts.ts';
import { shownPart } from '../../src/report/show/show.ts';
import { shownText } from '../../src/report/show/text.ts';
import { studyReport } from '../../src/report/study-report/study-report.ts';
import { storeStudy, table62 } from './stored-study.ts';

const plain = { width: 200, colors: pc.createColors(false) };
const nowMs = Date.UTC(2026, 1, 1);

it('tells each warning once, with how many runs gave it, wherever the study or the run is told of', () => {
  const store = openStore({ path: ':memory:' });
  storeStudy(store, table62);
  const study = store.studies()[0]!;
  for (const [key, message] of [
    ['baseline-1', 'the slices repeat'],
    ['iteration-1', 'the slices repeat'],
    ['iteration-1', 'the slices repeat'],
    ['iteration-1', 'one GPU\nis slower'],
  ] as const)
    store.appendEvent(study.id, { type: 'run.warned', key, message }, nowMs);
  const told = withParts(store, study, studyHistory(store, study));
  expect(told.warnings).toEqual([
    { message: 'the slices repeat', runKey: 'baseline-1', runs: 2 },
    { message: 'one GPU\nis slower', runKey: 'iteration-1', runs: 1 },
  ]);
  const sentences = [
    'Warning from 2 runs (baseline-1 first): the slices repeat',
    'Warning from iteration-1: one GPU ⏎ is slower',
  ];
  for (const sentence of sentences) expect(historyText(told, plain)).toContain(sentence);
  const report = JSON.stringify(studyReport({ store, study }).document);
  for (const sentence of sentences) expect(report).toContain(sentence);
  const shown = shownPart({ store, study, part: '1' });
  expect(shownText(shown, plain)).toMatch(/ {2}warning: the slices repeat\n {2}warning: one GPU ⏎ is slower/);
});
