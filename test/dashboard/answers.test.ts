import { describe, expect, it } from 'vitest';
import type { StudyRecord } from '../../db/index.ts';
import { createAnswers } from '../../src/dashboard/answers.ts';
import { readAhead } from '../../src/dashboard/server.ts';

function countingView(value: unknown = 1) {
  const state = { stamp: 'a', reads: 0 };
  const read = () => {
    state.reads += 1;
    return value;
  };
  return { state, view: { stamp: () => state.stamp, read } };
}

describe('the answers that are kept', () => {
  it('read a view once while its stamp stays, and again with another ETag when it changes', () => {
    const answerTo = createAnswers();
    const { state, view } = countingView();
    const first = answerTo('/studies/a', view);
    expect(answerTo('/studies/a', view)).toEqual(first);
    expect(state.reads).toBe(1);
    state.stamp = 'b';
    expect(answerTo('/studies/a', view).etag).not.toBe(first.etag);
    expect(state.reads).toBe(2);
  });

  it('forget the address that was asked for longest ago', () => {
    const answerTo = createAnswers();
    const { state, view } = countingView();
    answerTo('/first', view);
    for (let other = 0; other < 63; other += 1) answerTo(`/other/${other}`, countingView().view);
    answerTo('/first', view);
    expect(state.reads).toBe(1);
    for (let other = 0; other < 64; other += 1) answerTo(`/newer/${other}`, countingView().view);
    answerTo('/first', view);
    expect(state.reads).toBe(2);
  });

  it("hold the newest study's page before it is asked for", () => {
    const answerTo = createAnswers();
    const { state, view } = countingView();
    const studies = [{ name: 'first' }, { name: 'a b' }] as StudyRecord[];
    const asked: string[] = [];
    const viewAt = (address: string) => {
      asked.push(address);
      return view;
    };
    readAhead({ studies: () => studies }, viewAt, answerTo);
    readAhead({ studies: () => [] }, viewAt, answerTo);
    expect(asked).toEqual(['/studies/a%20b']);
    answerTo('/studies/a%20b', view);
    expect(state.reads).toBe(1);
  });

  it('write numbers that JSON does not have as text', () => {
    const { view } = countingView({ loss: Number.NaN, worst: Number.POSITIVE_INFINITY, dice: 0.8 });
    expect(JSON.parse(createAnswers()('/run', view).body)).toEqual({ loss: 'NaN', worst: 'Infinity', dice: 0.8 });
  });
});
