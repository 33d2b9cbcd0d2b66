import { expect, it } from 'vitest';
import { doubtsOf, doubtsText } from '../../src/domain/measured.ts';
import { outcomeWord, unverifiedSentence } from '../../src/report/measured.ts';

const whole = { workers: 4, unmeasured: [] };

it('doubts nothing of runs that reported all and trained all their epochs', () => {
  expect(doubtsOf([whole, { workers: 1 }])).toEqual([]);
  expect(unverifiedSentence([])).toBe('');
  expect(outcomeWord('noLoss', [])).toBe('noLoss');
});

it.each([
  [[{ workers: 1, stoppedAfter: 3 }], 'runs of one worker ended by themselves before their last epoch'],
  [[{ workers: 4, stoppedAfter: 3 }], 'runs of k workers ended by themselves before their last epoch'],
  [
    [
      { workers: 4, stoppedAfter: 3 },
      { workers: 1, stoppedAfter: 5 },
    ],
    'runs of one worker and of k workers ended by themselves before their last epoch',
  ],
])('says whose trainings ended early: %j', (runs, text) => {
  const doubts = doubtsOf([whole, ...runs]);
  expect(doubtsText(doubts)).toBe(text);
  expect(unverifiedSentence(doubts)).toBe(`Unverified: ${text}, so not all runs were what was asked for.`);
  expect(outcomeWord('noLoss', doubts)).toBe('noLoss, unverified');
});

it('names what was not reported first, each once', () => {
  const doubts = doubtsOf([
    { workers: 4, unmeasured: ['workers', 'learning rate'], stoppedAfter: 2 },
    { workers: 4, unmeasured: ['learning rate'] },
  ]);
  expect(doubts).toEqual(['learning rate', 'workers', 'epochs of k workers']);
  expect(unverifiedSentence(doubts)).toBe(
    'Unverified: the trainer did not report its learning rate and workers; runs of k workers ended by themselves before their last epoch, so it is unknown whether the runs were what was asked for.',
  );
});
