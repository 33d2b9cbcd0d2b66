import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { create, extract } from 'tar';
import { afterEach, describe, expect, it } from 'vitest';
import { type ArchivedRow, openStore } from '../../db/index.ts';
import { askStudy } from '../../src/engine/by-hand/ask-study.ts';
import { cancelStudy } from '../../src/engine/study/cancel-study.ts';
import { openStudy } from '../../src/engine/study/open-study.ts';
import { markOwn } from '../../src/engine/study/trust.ts';
import { archivedRow, archiveManifest } from '../../src/report/archive/format.ts';
import { readArchive } from '../../src/report/archive/read.ts';
import { writeArchive } from '../../src/report/archive/write.ts';
import { studyHistory } from '../../src/report/history/history.ts';
import { withParts } from '../../src/report/parts.ts';
import { actionStatistics } from '../../src/report/statistics/action-statistics.ts';
import { actionStatisticsText } from '../../src/report/statistics/action-statistics-text.ts';
import { historyMarkdown } from '../../src/report/tables/export-table.ts';
import { latexText } from '../../src/report/tables/latex.ts';
import { historyLatex } from '../../src/report/tables/latex-table.ts';
import { exampleConfig } from '../engine/example-study.ts';
import { storeStudy, table62 } from './stored-study.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function project() {
  const folder = mkdtempSync(join(tmpdir(), 'export-test-'));
  folders.push(folder);
  return { folder, store: openStore({ path: join(folder, 'autopilot.db') }) };
}

const metrics = (dice: number) => ({ dice, meanAccuracy: dice + 0.05, meanIoU: dice - 0.05 });

function filled() {
  const made = project();
  storeStudy(made.store, {
    baseline: [metrics(0.81)],
    rows: [
      { action: 'applyDefaults', metrics: metrics(0.7), verdict: 'degraded' },
      {
        action: 'decreaseInitialLr',
        setting: { initialLr: 0.25 },
        parent: 0,
        metrics: metrics(0.78),
        verdict: 'improved',
      },
      {
        action: 'decreaseInitialLr',
        setting: { initialLr: 0.125 },
        parent: 1,
        metrics: metrics(0.82),
        verdict: 'confirmed',
      },
    ],
  });
  return { ...made, study: made.store.studies()[0]! };
}

describe('a table for a paper', () => {
  it('escapes every character that LaTeX reads as its own', () => {
    expect(latexText('a_b & 5 % {x} \\ ~ ^ # $')).toBe(
      'a\\_b \\& 5 \\% \\{x\\} \\textbackslash{} \\textasciitilde{} \\textasciicircum{} \\# \\$',
    );
  });

  it('has as many cells in each row as the table has columns', () => {
    const { store, study } = filled();
    const history = withParts(store, study, studyHistory(store, study));
    const latex = historyLatex(history);
    const rows = latex.split('\n').filter((line) => line.endsWith('\\\\'));
    expect(rows.map((row) => row.split(' & ').length)).toEqual(rows.map(() => 6));
    // Headings, baseline, three iterations, the best setting.
    expect(rows.length).toBe(6);
    expect(historyMarkdown(history)).toContain('| baseline |');
    expect(historyMarkdown(history)).toContain('|  | best setting: iteration 2; 1 run |');
    store.close();
  });
});

describe('an archive', () => {
  it('restores the same rows in another project, and refuses to do it twice', async () => {
    const { store, study, folder } = filled();
    const run = store.runsOf(study.id)[0]!;
    const runFolder = join(folder, 'runs', run.id);
    mkdirSync(join(runFolder, 'checkpoints'), { recursive: true });
    writeFileSync(join(runFolder, 'events.ndjson'), '{"type":"finished"}\n');
    writeFileSync(join(runFolder, 'checkpoints', 'one'), 'weights');
    const file = join(folder, 'study.tar.gz');
    await writeArchive({ store, study, project: folder, file, checkpoints: false });
    const other = project();
    await readArchive({ store: other.store, project: other.folder, file });
    const relocated = store
      .rawRowsOf(study.id)
      .map((each) => (each.table === 'study' ? { ...each, row: { ...each.row, directory: other.folder } } : each));
    expect(other.store.rawRowsOf(study.id)).toEqual(relocated);
    expect(readFileSync(join(other.folder, 'runs', run.id, 'events.ndjson'), 'utf8')).toBe('{"type":"finished"}\n');
    expect(() => readFileSync(join(other.folder, 'runs', run.id, 'checkpoints', 'one'))).toThrow();
    await expect(readArchive({ store: other.store, project: other.folder, file })).rejects.toThrow(/already/);
    store.close();
    other.store.close();
  });

  it('of a study that was reopened goes on the same beside another study', async () => {
    const config = exampleConfig();
    const made = project();
    askStudy({ store: made.store, config, directory: made.folder });
    await cancelStudy({ store: made.store, study: 'example', reason: 'lunch' });
    const reopened = openStudy({ store: made.store, config, directory: made.folder, reopen: true, now: Date.now });
    const file = join(made.folder, 'study.tar.gz');
    await writeArchive({ store: made.store, study: reopened, project: made.folder, file, checkpoints: false });
    const other = project();
    storeStudy(other.store, table62);
    await readArchive({ store: other.store, project: other.folder, file });
    markOwn(other.store, { id: 'example', project: other.folder, timeMs: 1 });
    const asked = ({ store, folder }: typeof made) => askStudy({ store, config, directory: folder });
    expect(asked(other)).toEqual(asked(made));
    expect(asked(other)).toMatchObject({ outcome: null, runs: [{ key: 'baseline-1' }] });
    const { event: cancelled, sequence } = other.store.lastEventOf('example', ['study.cancelled'])!;
    expect(cancelled.reason).toBe('lunch');
    expect(other.store.lastEventOf('example', ['study.reopened'])!.event.dropped).toEqual([sequence]);
    made.store.close();
    other.store.close();
  });

  it('is refused when a byte is missing', async () => {
    const { store, study, folder } = filled();
    const file = join(folder, 'study.tar.gz');
    await writeArchive({ store, study, project: folder, file, checkpoints: true });
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    const other = project();
    await expect(readArchive({ store: other.store, project: other.folder, file })).rejects.toThrow(/not an intact/);
    expect(other.store.studies()).toEqual([]);
    store.close();
    other.store.close();
  });

  it('is refused when a run is named as no run is, so that its folder would lie elsewhere', async () => {
    const { store, study, folder } = filled();
    const file = join(folder, 'study.tar.gz');
    await writeArchive({ store, study, project: folder, file, checkpoints: false });
    for (const id of ['../../victim', '..', '/etc', `${study.id}.other`, `${study.id}.baseline-1/..`]) {
      await rewritten(file, (rows) => {
        const run = rows.find(({ table }) => table === 'run')!;
        return [...rows, { ...run, row: { ...run.row, id, key: 'zz' } }];
      });
      const other = project();
      await expect(readArchive({ store: other.store, project: other.folder, file })).rejects.toThrow(
        /is not named like a run\. Nothing was imported/,
      );
      expect(other.store.studies()).toEqual([]);
      other.store.close();
      await writeArchive({ store, study, project: folder, file, checkpoints: false });
    }
    store.close();
  });

  it('brings no path that leads out of the run directories', async () => {
    const { store, study, folder } = filled();
    const runId = store.runsOf(study.id)[0]!.id;
    const path = (of: string) => ({ studyId: study.id, runId, kind: 'prediction', path: of, detail: null, timeMs: 1 });
    const { directory } = study;
    store.insertArtifact(path(join(directory, 'runs', runId, 'one.png')));
    store.insertArtifact(path('/etc/passwd'));
    store.insertArtifact(path(`${directory}/runs/../../../etc/passwd`));
    store.insertAttempt({ name: 'a', runId, number: 9, launcher: 'local', resumeFrom: '/etc/passwd', createdMs: 1 });
    const file = join(folder, 'study.tar.gz');
    await writeArchive({ store, study, project: folder, file, checkpoints: false });
    const other = project();
    expect(await readArchive({ store: other.store, project: other.folder, file })).toMatchObject({ leftOut: 2 });
    expect(other.store.artifactsOfRun(runId)).toMatchObject([{ path: join(other.folder, 'runs', runId, 'one.png') }]);
    expect(other.store.attemptsOf(runId).at(-1)).toMatchObject({ number: 9, resumeFrom: null });
    store.close();
    other.store.close();
  });

  it('is refused when an entry leaves its folder or is a link', async () => {
    const { folder, store } = project();
    mkdirSync(join(folder, 'in', 'runs', 'a'), { recursive: true });
    writeFileSync(join(folder, 'outside'), 'x');
    symlinkSync('/etc/passwd', join(folder, 'in', 'runs', 'a', 'link'));
    const climbing = join(folder, 'climbing.tar.gz');
    await create({ file: climbing, gzip: true, cwd: join(folder, 'in'), preservePaths: true }, ['../outside']);
    const linked = join(folder, 'linked.tar.gz');
    await create({ file: linked, gzip: true, cwd: join(folder, 'in') }, ['runs/a/link']);
    await expect(readArchive({ store, project: folder, file: climbing })).rejects.toThrow(/does not belong/);
    await expect(readArchive({ store, project: folder, file: linked })).rejects.toThrow(/not a plain file/);
    store.close();
  });
});

describe('statistics over studies', () => {
  it('count how often an action was tried, what it changed, and how often it led to the goal', () => {
    const { store, study } = filled();
    const { actions, outcomes } = actionStatistics([{ store, study }]);
    expect(outcomes).toEqual({ noLoss: 1 });
    expect(actions).toMatchObject([
      { action: 'applyDefaults', tried: 1, compared: 0, gain: null, ledToGoal: 0 },
      {
        action: 'decreaseInitialLr',
        studies: 1,
        tried: 2,
        compared: 2,
        better: 0,
        cannotTell: 2,
        ledToGoal: 1,
        runs: 2,
      },
    ]);
    expect(actions[1]!.gain!.mean).toBeCloseTo(0.06);
    expect(actions[1]!.gain!.sd).toBeCloseTo(0.02 * Math.SQRT2);
    expect(actions[1]!.gains.map(({ iteration, parent }) => [iteration, parent])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    store.close();
  });

  it('credit a confirmation, and what it cost, to the action whose setting was validated', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, table62);
    storeStudy(store, { ...table62, name: 'again', outcome: 'exhausted', rows: table62.rows.slice(0, 3) });
    const all = store.studies().map((study) => ({ store, study }));
    const { studies, outcomes, baseline, actions } = actionStatistics(all);
    store.close();
    expect([studies, outcomes, baseline.runs]).toEqual([2, { noLoss: 1, exhausted: 1 }, 2]);
    // The first result of a study has nothing it started from; of single runs nothing can be told.
    expect(actions).toMatchObject([
      {
        action: 'decreaseInitialLr',
        studies: 2,
        tried: 4,
        compared: 2,
        better: 0,
        worse: 0,
        cannotTell: 2,
        ledToGoal: 0,
        runs: 4,
      },
      { action: 'increaseDecayCoefficient', studies: 1, tried: 1, better: 0, cannotTell: 1, ledToGoal: 1, runs: 2 },
    ]);
    expect(actions).toHaveLength(2);
    expect(actions[1]!.workerHours).toBeCloseTo((2 * 16) / 60, 12);
    // Both runs of the confirmed setting count, against the one run of iteration 1 and not against iteration 2.
    expect(actions[1]!.gain!.mean).toBeCloseTo((0.8119 + 0.8141) / 2 - 0.7789, 12);
    expect(actions[1]!.gains).toMatchObject([{ iteration: 3, parent: 1, standardError: null, runs: [2, 1] }]);
  });

  it('tell single runs apart from none, keep metrics apart, and print the gain with its spread', () => {
    const store = openStore({ path: ':memory:' });
    storeStudy(store, table62);
    const row = (initialLr: number, val_loss: number, parent: number) => ({
      ...{ action: 'decreaseInitialLr' as const, setting: { initialLr }, parent, metrics: { val_loss } },
      verdict: 'degraded' as const,
    });
    const rows = [
      { action: 'applyDefaults' as const, metrics: { val_loss: 0.9 }, verdict: 'degraded' as const },
      row(0.25, 0.7, 0),
      row(0.125, 0.6, 1),
    ];
    storeStudy(store, {
      name: 'lossy',
      outcome: 'exhausted',
      metrics: ['val_loss'],
      baseline: [{ val_loss: 0.5 }],
      rows,
    });
    const statistics = actionStatistics(store.studies().map((study) => ({ store, study })));
    store.close();
    const lossy = statistics.actions.find(
      ({ action, metric }) => action === 'decreaseInitialLr' && metric === 'val_loss',
    )!;
    expect(lossy).toMatchObject({ studies: 1, tried: 2, compared: 2, cannotTell: 2 });
    expect(lossy.gain!.mean).toBeCloseTo(0.15, 12);
    const text = actionStatisticsText(statistics, { width: 200, colors: pc.createColors(false) });
    expect(text).toMatch(/^decrease the initial rate +val_loss +1 +2 +0 +0 +2 +0 +0 +\+0\.15 \u00b1 0\.0707 \(2\)/m);
    expect(text).toMatch(/^increase the decay coefficient +dice +1 +1 +0 +0 +1 +1 \(100 %\) +0 +\+3\.4 \(1\)/m);
  });
});

/** Changes an archive's rows, with the checksum that goes with them. */
async function rewritten(file: string, change: (rows: ArchivedRow[]) => ArchivedRow[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rewritten-'));
  await extract({ file, cwd: folder });
  const lines = readFileSync(join(folder, 'rows.ndjson'), 'utf8').split('\n').filter(Boolean);
  const text = change(lines.map((line) => archivedRow.parse(JSON.parse(line))))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
  writeFileSync(join(folder, 'rows.ndjson'), text);
  const manifest = archiveManifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const files = manifest.files.map((each) =>
    each.path === 'rows.ndjson' ? { ...each, bytes: Buffer.byteLength(text), sha256: hash('sha256', text) } : each,
  );
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
  await create({ file, gzip: true, cwd: folder }, readdirSync(folder));
}
