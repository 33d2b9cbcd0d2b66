import { expect, test } from 'vitest';
import { decisions, iterations } from '../../../machines/guideline/index.ts';
import { type Dice, luck, study } from './anytime-study.ts';
import { setting } from './drive.ts';

/** As good as one worker at any setting, but that the fourth run of the first setting collapses. */
function collapsing(): Dice {
  let seen = 0;
  return ({ initialLr }, key) => {
    if (initialLr === setting.initialLr) seen += 1;
    return (seen === 4 && initialLr === setting.initialLr ? 0.7 : 0.8) + luck(key) / 4;
  };
}

test('a setting is held to the rare bad runs that validations of others had, and the decision says so', () => {
  const state = study(collapsing(), { workers: 8 });
  const [first, second] = iterations(state).filter(({ action }) => action === 'validate');
  const judged = (number: number | undefined) => decisions(state).findLast(({ iteration }) => iteration === number);
  expect(judged(first?.number)?.observed).not.toHaveProperty('tailLoss');
  expect(second?.parent).not.toBe(first?.parent);
  expect(judged(second?.number)?.observed['tailLoss']).toBeGreaterThan(0);
  expect(judged(second?.number)?.reason).toContain('for rare bad runs seen with other settings');
});

test('where no run is far below the others, nothing is taken off', () => {
  const state = study((_, key) => 0.792 + luck(key), { workers: 8 });
  expect(iterations(state).filter(({ action }) => action === 'validate').length).toBeGreaterThan(1);
  for (const { observed } of decisions(state)) expect(observed).not.toHaveProperty('tailLoss');
});

test('a run that is bad on the part that chooses, and not on the part that confirms, is no rare bad run', () => {
  const chosen = collapsing();
  const onTest: Dice = ({ initialLr }, key) => (initialLr === setting.initialLr ? 0.793 : 0.8) + luck(key) / 4;
  const state = study(chosen, { workers: 8 }, { onTest });
  const validated = iterations(state).filter(({ action }) => action === 'validate');
  expect(validated[0]?.results.length).toBeGreaterThan(3);
  expect(validated.some(({ parent }) => parent !== validated[0]?.parent)).toBe(true);
  for (const { observed } of decisions(state)) expect(observed).not.toHaveProperty('tailLoss');
});

test('the runs of a setting validated again count as spreading wider, as those of all repeated settings do', () => {
  const state = study((_, key) => 0.794 + luck(key) / 2, { workers: 8, budget: { iterations: 60 } });
  const validations = iterations(state).filter(({ action }) => action === 'validate');
  const again = validations.find(({ number, parent }) =>
    validations.some((earlier) => earlier.parent === parent && earlier.number < number),
  );
  const wider = decisions(state).filter(({ observed }) => 'countedSpread' in observed);
  expect(wider.map(({ iteration }) => iteration)).toEqual([again?.number]);
  expect(wider[0]?.reason).toMatch(
    /with a spread of 0\.00\d+, between its own 0\.00\d+ and the 0\.00\d+ of all repeated settings/,
  );
});

test('how wide runs spread on the part that chooses says nothing of the part that confirms', () => {
  const chosen: Dice = (_, key) => 0.797 + 2 * luck(`${key}c`);
  const onTest: Dice = (_, key) => 0.794 + luck(key) / 2;
  const state = study(chosen, { workers: 8, budget: { iterations: 60 } }, { onTest });
  const parents = iterations(state).flatMap(({ action, parent }) => (action === 'validate' ? [parent] : []));
  expect(new Set(parents).size).toBeLessThan(parents.length);
  for (const { observed } of decisions(state)) expect(observed).not.toHaveProperty('countedSpread');
});
