import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Store } from '../../db/index.ts';
import { processesOf, signalAll } from '../../src/launcher/processes/attempt-processes.ts';
import { engineProcesses, isEpoch, killWhen, readStore } from '../support/engine-process.ts';
import { temporaryProject } from './example-study.ts';

const { engine, killAll } = engineProcesses();
const abandonedAttempts: string[] = [];
afterEach(() => {
  killAll();
  for (const attempt of abandonedAttempts.splice(0)) signalAll(processesOf(attempt), 'SIGKILL');
});

/** A study of one slow run, which goes on from its checkpoints; its script lies in the project. */
function project(): string {
  const folder = join(temporaryProject(), 'before');
  const script = `
event() { printf '{"type":"%s","secret":"%s"%s}\\n' "$1" "$AUTOPILOT_SECRET" "$2" >> "$AUTOPILOT_RUN/events.ndjson"; }
first=0
resume=$(sed -n 's/^  "resumeFrom": "\\(.*\\)",\\{0,1\\}$/\\1/p' "$AUTOPILOT_RUN/run.json")
[ -n "$resume" ] && first=$(cat "$resume")
event started
for epoch in $(seq $((first + 1)) 10); do
  sleep 0.4
  event epoch ",\\"epoch\\":$epoch,\\"loss\\":1"
  echo $epoch > "$AUTOPILOT_RUN/checkpoints/epoch-$epoch"
  event checkpoint ",\\"path\\":\\"checkpoints/epoch-$epoch\\",\\"step\\":$epoch,\\"epoch\\":$epoch"
done
event evaluation ',"metrics":{"dice":0.9}'
event finished
`;
  const study = {
    name: 'moved',
    trainer: { kind: 'command', command: ['sh', 'train.sh'] },
    workers: 2,
    epochs: 10,
    setting: { initialLr: 0.1, warmupEpochs: 1, decayEpochs: 1 },
    baseline: { runs: [{ dice: 0.9 }] },
    decision: { metrics: ['dice'] },
    budget: { iterations: 1 },
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'train.sh'), script);
  writeFileSync(join(folder, 'study.yaml'), stringify(study));
  return folder;
}

/** Its engine is killed in the middle; the training lives on. Returns the attempt. */
async function abandoned(folder: string): Promise<string> {
  await engine(folder, ['run', join(folder, 'study.yaml')], killWhen(isEpoch('iteration-0', 3)));
  const attempt = attemptOf(folder);
  abandonedAttempts.push(attempt);
  return attempt;
}

const runOf = (store: Store) => store.runsOf('moved').find(({ key }) => key === 'iteration-0')!.id;

function attemptOf(folder: string): string {
  return readStore(folder, (store) => store.attemptsOf(runOf(store)).at(-1)!.name);
}

const stateOf = (folder: string) => readStore(folder, (store) => store.run(runOf(store))?.state);

const epochsIn = (folder: string) => {
  const [run = ''] = readdirSync(join(folder, 'runs'));
  const lines = readFileSync(join(folder, 'runs', run, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; epoch?: number })
    .flatMap(({ type, epoch }) => (type === 'epoch' ? [epoch] : []));
};

it('goes on in a folder that was renamed, from its checkpoint, and says where it came from', {
  timeout: 60_000,
}, async () => {
  const before = project();
  const attempt = await abandoned(before);
  const folder = before.replace(/before$/, 'after');
  renameSync(before, folder);
  const { events } = await engine(folder, ['resume', 'moved']);
  expect(stateOf(folder)).toBe('finished');
  expect(events).toContainEqual({
    type: 'warning',
    key: null,
    message: `The project came from ${before}; the study continues in ${folder}.`,
  });
  expect(processesOf(attempt)).toEqual([]);
  expect(epochsIn(folder).filter((epoch) => epoch === 2)).toHaveLength(1);
  readStore(folder, (store) => {
    expect(store.study('moved')).toMatchObject({ directory: folder, config: { trainer: { directory: folder } } });
    const id = runOf(store);
    for (const { path } of store.artifactsOfRun(id)) expect(path.startsWith(`${folder}/runs/${id}/`)).toBe(true);
  });
});

it('leaves the training of the original alone when it goes on in a copy, and both end', {
  timeout: 60_000,
}, async () => {
  const original = project();
  const attempt = await abandoned(original);
  const folder = original.replace(/before$/, 'copy');
  cpSync(original, folder, { recursive: true });
  await Promise.all([engine(folder, ['run', join(folder, 'study.yaml')]), engine(original, ['resume', 'moved'])]);
  expect([folder, original].map(stateOf)).toEqual(['finished', 'finished']);
  // Never disturbed: each epoch once, in one attempt.
  expect(epochsIn(original)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(attemptOf(original)).toBe(attempt);
  expect(attemptOf(folder)).not.toBe(attempt);
});
