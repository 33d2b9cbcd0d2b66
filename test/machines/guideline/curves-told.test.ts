import { expect, test } from 'vitest';
import { advance, decisions, pendingRuns } from '../../../machines/guideline/index.ts';
import { finish, play } from './drive.ts';

const jumped = { sign: 'lossJumped', text: 'the loss jumped in warmup, from 0.4 to 0.84 in epoch 3' } as const;

test('the reason of a decision says what the curve of its run showed, and nothing else of the decision changes', () => {
  const before = play([]);
  const [run] = pendingRuns(before);
  const metrics = { dice: 0.7, meanIoU: 0.7 };
  const told = advance(before, { type: 'run.finished', key: run!.key, metrics, curves: [jumped] });
  const untold = advance(before, { type: 'run.finished', key: run!.key, metrics });
  const [one, other] = [decisions(told).at(-1)!, decisions(untold).at(-1)!];
  expect(one.reason).toContain(`(${jumped.text})`);
  expect(one.reason.replace(` (${jumped.text})`, '')).toBe(other.reason);
  expect({ ...one, reason: '' }).toEqual({ ...other, reason: '' });
  expect(decisions(finish(told, 0.7)).at(-1)!.reason).not.toContain(jumped.text);
});
