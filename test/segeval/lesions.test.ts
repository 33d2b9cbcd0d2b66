import { expect, it } from 'vitest';
import { countLesions } from '../../src/segeval/lesions.ts';

const rows = (...lines: string[]) => Uint8Array.from([...lines.join('')].map((sign) => (sign === '#' ? 1 : 0)));

it('counts lesions that are found, missed and invented', () => {
  const truth = rows('##...', '.....', '....#', '#....');
  const predicted = rows('.#...', '...#.', '.....', '.....');
  expect(countLesions(predicted, truth, [5, 4])).toEqual({ lesionsDetected: 1, lesionsMissed: 2, lesionsFalse: 1 });
});

it('joins voxels at corners, also between slices, and arms that meet further on', () => {
  const none = new Uint8Array(18);
  const diagonal = rows('#..', '...', '...', '.#.', '...', '...');
  expect(countLesions(none, diagonal, [3, 3, 2])).toMatchObject({ lesionsMissed: 1 });
  const arms = rows('#.#.#', '#.#.#', '.#.#.');
  expect(countLesions(new Uint8Array(15), arms, [5, 3])).toMatchObject({ lesionsMissed: 1 });
  const apart = rows('#..', '...', '...', '..#', '...', '...');
  expect(countLesions(none, apart, [3, 3, 2])).toMatchObject({ lesionsMissed: 2 });
});
