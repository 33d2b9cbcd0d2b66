// Lets the writes of a study below its project fail once each, with a full disk and with a broken one, and goes on with
// the study: all that are not the database's log, and every EVERY-th of those, which are alike (1: all), from the SEED-th:
// `npx tsx test/faults/write-faults.ts EVERY SEED [simulated|embedded] [ENOSPC|EIO]`.
import { disturbedTrainers } from '../support/disturbed-study.ts';
import { afterWriteFault, type CalmWrites, calmWrites, failingWrites, writeErrors } from '../support/write-fault.ts';

const [every = '1', seed = '0', ...only] = process.argv.slice(2);
const library = failingWrites();
if (library === null) throw new Error('no C compiler: apt-get install gcc');
const chosen = <Name extends string>(names: readonly Name[]) =>
  names.some((name) => only.includes(name)) ? names.filter((name) => only.includes(name)) : names;
for (const trainer of chosen(disturbedTrainers)) {
  const calm = await calmWrites(trainer, library);
  console.log(JSON.stringify({ trainer, writes: calm.writes.length, exitCode: calm.exitCode }));
  for (const error of chosen(writeErrors)) await failEach(calm, error);
}

async function failEach(calm: CalmWrites, error: (typeof writeErrors)[number]): Promise<void> {
  let logged = Number(seed);
  const wanted = [...calm.writes.keys()].filter(
    (index) => calm.writes[index] !== 'pwrite autopilot.db-wal' || logged++ % Number(every) === 0,
  );
  const tally = { failed: 0, 'went on': 0, resumed: 0, late: 0, wrong: 0 };
  const work = async () => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const at = next + 1;
      const { wrong, write, ended } = await afterWriteFault(calm, { at, error });
      tally[ended] += 1;
      if (ended !== 'late') tally.failed += 1;
      if (wrong !== null) {
        tally.wrong += 1;
        console.log(JSON.stringify({ at, error, write, wrong }));
      }
      if (tally.failed % 20 === 0)
        console.log(JSON.stringify({ trainer: calm.trainer, error, left: wanted.length, ...tally }));
    }
  };
  await Promise.all(Array.from({ length: Number(process.env.SIDE_BY_SIDE ?? 2) }, work));
  console.log(JSON.stringify({ trainer: calm.trainer, error, ...tally }));
}
