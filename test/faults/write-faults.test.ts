import { beforeAll, describe, expect, it } from 'vitest';
import { randomOf, seed } from '../fuzz/random.ts';
import { present } from '../support/required.ts';
import { afterWriteFault, type CalmWrites, calmWrites, failingWrites, oneOfEachKind } from '../support/write-fault.ts';

const library = failingWrites();
const here = process.platform === 'linux' && library !== null;

describe.skipIf(!present('mpi', here, 'no C compiler (Debian: apt-get install gcc)'))(
  'a study one of whose writes fails',
  { timeout: 600_000 },
  () => {
    let calm: CalmWrites;
    beforeAll(async () => {
      calm = await calmWrites('simulated', library!);
    }, 120_000);

    // All of them, by hand: write-faults.ts.
    it('goes on, or is resumed, to the same end, with the same in its journal', async () => {
      const random = randomOf(seed);
      const kinds = oneOfEachKind(calm);
      for (let count = 0; count < 5; count++) {
        const [at] = kinds.splice(random.below(kinds.length), 1);
        const error = count % 2 === 0 ? 'ENOSPC' : 'EIO';
        const { wrong } = await afterWriteFault(calm, { at: at!, error });
        expect(wrong).toBeNull();
      }
    });
  },
);
