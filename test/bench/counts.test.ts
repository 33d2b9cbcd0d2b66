import { expect, test } from 'vitest';
import { countsFrom, numberFrom } from '../../bench/support/counts.ts';

test('numbers of the command line take the place of the defaults, in their order', () => {
  expect(countsFrom({ ranks: 2, rounds: 3 }, [])).toEqual({ ranks: 2, rounds: 3 });
  expect(countsFrom({ ranks: 2, rounds: 3 }, ['4'])).toEqual({ ranks: 4, rounds: 3 });
  expect(countsFrom({ ranks: 2, rounds: 3 }, ['4', '5'])).toEqual({ ranks: 4, rounds: 5 });
});

test.each([
  [['four'], 'ranks is "four"; give a whole number from 1 on.'],
  [['0'], 'ranks is "0"'],
  [[''], 'ranks is ""'],
  [['2', '1.5'], 'rounds is "1.5"'],
  [['2', '3', '4'], '"4" is one argument too many: known are ranks, rounds.'],
  [['--quick'], "Unknown option '--quick'"],
])('%j is refused before anything is measured', (args, message) => {
  expect(() => countsFrom({ ranks: 2, rounds: 3 }, args)).toThrow(message);
});

test('a benchmark without numbers takes none', () => {
  expect(() => countsFrom({}, ['3'])).toThrow('"3" is one argument too many: none is known.');
});

test('a seed may be 0', () => {
  expect(numberFrom(0, '--seeds', '0')).toBe(0);
  expect(() => numberFrom(0, '--seeds', '-1')).toThrow('--seeds is "-1"; give a whole number from 0 on.');
});
