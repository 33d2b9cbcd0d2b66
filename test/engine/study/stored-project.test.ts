import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { storedConfig } from '../../../src/config/stored.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { projectOfSchema, storedNames } from '../../support/project-of-schema.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

it.each(['memory', 'placement', 'deploy', 'compute', 'timeouts', 'divergence', 'checkpoints'])(
  'a study stored half-way before a config had the section %s is resumed to its end, and its config is no other',
  async (section) => {
    const directory = projectOfSchema(2, `UPDATE study SET config = json_remove(config, '$.${section}');`);
    const store = openStore({ path: join(directory, 'autopilot.db') });
    const config = storedConfig(store.study(storedNames.halfway)!);
    const end = await runStudy({ store, config, directory, launcher: simulatedJobs().launcher() });
    expect(end).toMatchObject({ state: 'ended', outcome: 'exhausted' });
    expect(store.runByKey(storedNames.halfway, 'iteration-1')?.metrics?.dice).toBeCloseTo(0.845, 3);
    expect(store.eventsOf(storedNames.halfway, { types: ['study.configured'] })).toEqual([]);
    store.close();
  },
);

it('a study that an earlier version judged as if more of a loss were better is refused, and nothing of it changes', async () => {
  const decision = '{"rule":"thesis","tolerance":0.002,"metrics":["val_loss"]}';
  const change = `UPDATE study SET config = json_set(config, '$.decision', json('${decision}')) WHERE id = '${storedNames.halfway}';`;
  const directory = projectOfSchema(2, change);
  const store = openStore({ path: join(directory, 'autopilot.db') });
  const config = storedConfig(store.study(storedNames.halfway)!);
  const before = store.runsOf(storedNames.halfway);
  await expect(runStudy({ store, config, directory, launcher: simulatedJobs().launcher() })).rejects.toThrow(
    /"halfway" was judged by an earlier version as if higher val_loss were better, so its verdicts do not hold/,
  );
  expect(store.runsOf(storedNames.halfway)).toEqual(before);
  store.close();
});
