import { beforeAll, describe, expect, it } from 'vitest';
import { randomOf, seed, times } from '../fuzz/random.ts';
import { type Calm, calmStudy, killedStudy, racedStudy, races } from '../support/disturbances.ts';

describe('a study of the program as users have it', { timeout: 600_000 }, () => {
  let calm: Calm;
  beforeAll(async () => {
    calm = await calmStudy('simulated');
  }, 120_000);

  it('finds the same when engine, trainer or both are killed at random, nothing lost, nothing twice', async () => {
    for (let kills = 0, index = 0; kills < 4 * times; index++) {
      const study = await killedStudy(calm, { random: randomOf(seed * 31_337 + index), most: 4 });
      expect(study.wrong).toBeNull();
      kills += study.kills.length;
    }
  });

  it.each(races)('finds the same when several programs race for it: %s', async (race) => {
    const { wrong } = await racedStudy(calm, race, randomOf(seed));
    expect(wrong).toBeNull();
  });
});
