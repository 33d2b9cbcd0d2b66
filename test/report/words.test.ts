import { expect, it } from 'vitest';
import { plainReason } from '../../src/report/words.ts';

it.each([
  ['dice 0.79: confirmed (noLoss)', 'dice 0.79: confirmed'],
  ['dice 0.79: confirmed (noLoss, unverified)', 'dice 0.79: confirmed (unverified)'],
  ['no action left (budgetSpent)', 'no action left'],
  ['the loss rose (3 epochs)', 'the loss rose (3 epochs)'],
  ['within a function (constructor)', 'within a function (constructor)'],
])('a reason stored as "%s" is told as "%s"', (stored, told) => expect(plainReason(stored)).toBe(told));
