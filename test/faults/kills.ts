// Kills engines, trainers and both at random moments of short studies, and lets several engines race for one:
// `npx tsx test/faults/kills.ts COUNT SEED [races COUNT] [simulated|embedded]`. What comes out is compared with the
// undisturbed study: same decisions, results and weights, none lost, none twice.
import { availableParallelism } from 'node:os';
import { randomOf } from '../fuzz/random.ts';
import { type Calm, calmStudy, killedStudy, racedStudy, races } from '../support/disturbances.ts';
import { disturbedTrainers } from '../support/disturbed-study.ts';

const [kills = '100', seed = '1', raced = '0', ...only] = process.argv.slice(2);
const trainers = disturbedTrainers.filter((name) => only.length === 0 || only.includes(name));
const calms: Calm[] = [];
for (const trainer of trainers) calms.push(await calmStudy(trainer));
const tally = { engine: 0, trainer: 0, both: 0 };
const sum = { kills: 0, studies: 0, races: 0, cancelled: 0, wrong: 0 };
let next = 0;

const work = async () => {
  for (;;) {
    const index = next++;
    const random = randomOf(Number(seed) * 7_368_787 + index);
    // Three of the simulated trainer for one of the embedded, which takes longer.
    const calm = calms[index % 4 === 3 ? calms.length - 1 : 0]!;
    let wrong: string | null;
    if (sum.kills < Number(kills)) {
      const study = await killedStudy(calm, { random, most: 2 + random.below(8) });
      for (const victim of study.kills) tally[victim] += 1;
      sum.kills += study.kills.length;
      sum.studies += 1;
      wrong = study.wrong;
    } else if (sum.races < Number(raced)) {
      sum.races += 1;
      const study = await racedStudy(calm, races[index % races.length]!, random);
      if (study.ended === 'cancelled') sum.cancelled += 1;
      wrong = study.wrong;
    } else return;
    if (wrong !== null) {
      sum.wrong += 1;
      console.log(JSON.stringify({ index, trainer: calm.trainer, wrong }));
    }
    console.log(JSON.stringify({ ...sum, of: tally }));
  }
};
await Promise.all(Array.from({ length: Number(process.env.SIDE_BY_SIDE ?? availableParallelism()) }, work));
