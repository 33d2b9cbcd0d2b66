import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { runCli } from '../run-cli.ts';

const root = mkdtempSync(join(tmpdir(), 'tell-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'project-'));
  writeFileSync(
    join(folder, 'study.yaml'),
    `name: earlier
trainer: { kind: simulated }
workers: 18
epochs: 14
setting: { initialLr: 0.5 }
decision: { rule: thesis, metrics: [dice] }
`,
  );
});

const byKey = 'run,dice,loss\nbaseline-1,0.85,0.1\niteration-1,0.80,0.3\niteration-2,0.82,\n';

function tell(name: string, text: string, study = 'study.yaml') {
  writeFileSync(join(folder, name), text);
  return runCli(['tell', study, '--project', folder, '--file', name, '--json'], { cwd: folder });
}

function stored() {
  const store = openStore({ path: join(folder, 'autopilot.db') });
  try {
    return {
      runs: store.runsOf('earlier').map(({ key, origin, state, metrics }) => ({ key, origin, state, metrics })),
      verdicts: store.decisionsOf('earlier').map(({ verdict }) => verdict),
      events: store.eventsOf('earlier').length,
    };
  } finally {
    store.close();
  }
}

describe('tell --file', { timeout: 60_000 }, () => {
  it('makes earlier runs the iterations of a study, and is safe to repeat', async () => {
    const first = await tell('runs.csv', byKey);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject([
      { run: 'baseline-1', repeated: false },
      { run: 'iteration-1', repeated: false },
      { run: 'iteration-2', repeated: false, decisions: [{ verdict: 'improved' }] },
    ]);
    const after = stored();
    expect(after.verdicts).toEqual(['baseline', 'improved', 'improved']);
    expect(after.runs).toMatchObject([
      { key: 'baseline-1', origin: 'imported', state: 'finished', metrics: { dice: 0.85 } },
      { key: 'iteration-1', origin: 'imported', metrics: { dice: 0.8, loss: 0.3 } },
      { key: 'iteration-2', origin: 'imported', metrics: { dice: 0.82 } },
      { key: 'iteration-3', state: 'pending' },
    ]);
    const again = await tell('runs.csv', byKey, 'earlier');
    expect(JSON.parse(again.stdout)).toMatchObject(
      after.runs.slice(0, 3).map(({ key }) => ({ run: key, repeated: true })),
    );
    expect(stored()).toEqual(after);
  });

  it('names runs by action and setting too, in CSV and JSON', async () => {
    const csv = 'action,initialLr,dice,diverged\nbaseline,0.5,0.85,\ndecreaseInitialLr,0.25,,"loss, then NaN"\n';
    expect(JSON.parse((await tell('runs.csv', csv)).stdout)).toMatchObject([
      { run: 'baseline-1' },
      { run: 'iteration-1', decisions: [{ verdict: 'diverged' }] },
    ]);
    const json = [
      { action: 'baseline', metrics: { dice: 0.85 } },
      { setting: { initialLr: 0.25 }, diverged: 'loss, then NaN' },
    ];
    expect(JSON.parse((await tell('runs.json', JSON.stringify(json))).stdout)).toMatchObject([
      { run: 'baseline-1', repeated: true },
      { run: 'iteration-1', repeated: true },
    ]);
  });

  it.each([
    ['bad.csv', `${byKey}iteration-9,0.8,\n`, /bad\.csv, row 4 \(run iteration-9\): .*does not want the run/],
    ['bad.csv', 'run,dice\nbaseline-1,0.85\niteration-1,good\n', /bad\.csv, row 2: dice: "good" is not a number/],
    ['bad.csv', 'run,accuracy\nbaseline-1,0.85\n', /row 1 \(run baseline-1\): .*no "dice", only "accuracy"/],
    ['bad.csv', 'run,dice\nbaseline-1,0.85\nbaseline-1,0.85\n', /row 2 .*"baseline-1" appears in the file twice/],
    [
      'bad.csv',
      'action,dice\nbaseline,0.85\nincreaseWarmup,0.8\n',
      /row 2: action: no run .*"increaseWarmup".*decreaseInit/,
    ],
    ['bad.json', '[{"run":"baseline-1","metrics":{"dice":"0.8"}}]', /bad\.json, row 1: metrics\.dice: .*number/],
    ['bad.json', '[{"run":"baseline-1"}]', /row 1: metrics: give either/],
    ['bad.json', '{}', /bad\.json must be a list/],
  ])('refuses all of %s for one wrong row, naming row and field: %#', async (name, text, sentence) => {
    const { code, stdout } = await tell(name, text);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { error: { message: string } }).error.message).toMatch(sentence);
    expect(stored()).toEqual({ runs: [], verdicts: [], events: 0 });
  });
});
