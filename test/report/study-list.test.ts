import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { studyList, studyListText } from '../../src/report/history/study-list.ts';
import { storeStudy, table62 } from './stored-study.ts';

const plain = { width: 100, colors: pc.createColors(false) };

describe('the list of studies', () => {
  it('names each with its outcome, and the simulated as such', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, table62);
    storeStudy(store, { ...table62, name: 'trial', simulated: true, outcome: null });
    const list = studyList(store);
    expect(list.map(({ study, outcome, lastIteration }) => [study, outcome, lastIteration])).toEqual([
      ['atrium', 'noLoss', 4],
      ['trial', null, 4],
    ]);
    expect(studyListText(list, plain)).toMatch(/trial .*not ended \(simulated\)/);
  });

  it('says on which host, by whom and at which commit, where there is room', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, table62);
    const made = { ...studyList(store)[0]!, host: 'node7', user: 'ada', commit: '0a1b2c3d', seconds: 3900 };
    expect(studyListText([made], { ...plain, width: 120 })).toMatch(/ 1 h 05 min {2}node7 {2}ada .* 0a1b2c3$/m);
    expect(studyListText([made], { ...plain, width: 80 })).toMatch(/1 h 05 min\n\n.* --json, or 110 columns/);
  });
});
