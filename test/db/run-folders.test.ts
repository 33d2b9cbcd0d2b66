import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../db/index.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig } from '../engine/example-study.ts';
import { projectOfSchema, storedNames } from '../support/project-of-schema.ts';
import { addRun, exampleStore } from './example-store.ts';

const refused = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });

function emptyProject(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'run-folders-'));
  return { folder, path: join(folder, 'autopilot.db') };
}

/** A folder as an engine leaves it; `of` is left out by earlier versions. */
function addFolder(project: string, runId: string, of?: Pick<Store, 'id'>): void {
  const folder = join(project, 'runs', runId);
  mkdirSync(folder, { recursive: true });
  const store = of && { store: { id: of.id, project } };
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ protocol: 1, ...store, studyId: 'example', runId }));
}

/** A closed project with a store, and a folder for its run. */
function project(): { folder: string; path: string; id: string; run: string } {
  const made = emptyProject();
  const store = exampleStore(made.path);
  const run = addRun(store, 'iteration-1', 1);
  addFolder(made.folder, run, store);
  store.close();
  return { ...made, id: store.id, run };
}

function opens(path: string, readOnly = false): void {
  openStore({ path, readOnly }).close();
}

describe('a store is opened', () => {
  it('with its own runs beside it, wherever they were moved, and without them', () => {
    const { folder, path, id } = project();
    opens(path);
    const moved = emptyProject();
    copyFileSync(path, moved.path);
    opens(moved.path);
    mkdirSync(join(moved.folder, 'runs'));
    addFolder(moved.folder, 'example.iteration-1', { id });
    opens(moved.path);
    opens(moved.path, true);
    // What is no run's is nobody's.
    mkdirSync(join(folder, 'runs', 'notes'));
    writeFileSync(join(folder, 'runs', 'todo.txt'), '');
    opens(path);
  });

  it('with an id that stays, and that no other store has', () => {
    const { path, id } = project();
    const again = openStore({ path });
    expect(again.id).toBe(id);
    again.close();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(project().id).not.toBe(id);
  });

  it('when an imported run lies under the store that it came from', () => {
    const { folder, path, run } = project();
    addFolder(folder, run, { id: 'its-first-store' });
    opens(path);
  });

  it('of an earlier version, adopting its runs and what lies beside them', () => {
    const folder = projectOfSchema(2);
    const path = join(folder, 'autopilot.db');
    const viewer = openStore({ path, readOnly: true });
    const [run] = viewer.runsOf(storedNames.ended);
    viewer.close();
    addFolder(folder, run!.id);
    addFolder(folder, 'of-an-older-study.baseline-1');
    opens(path, true);
    opens(path);
    opens(path);
  });
});

describe('a store is refused, and nothing is written', () => {
  it.each([
    [
      'removed',
      (path: string) => rmSync(path),
      /does not exist, and .*runs holds runs of the store \w+ of the project/,
    ],
    [
      'emptied',
      (path: string) => writeFileSync(path, ''),
      /is empty \(0 bytes\), and .*: example\.iteration-1\. Nothing/,
    ],
  ])('where it was %s beside its runs', (_, damage, words) => {
    const { folder, path } = project();
    damage(path);
    const before = readdirSync(folder);
    for (const readOnly of [false, true]) expect(() => opens(path, readOnly)).toThrow(refused('store.lost', words));
    expect(readdirSync(folder)).toEqual(before);
  });

  it('where its file was removed and its log was not', () => {
    const { folder, path } = emptyProject();
    const engine = exampleStore(path);
    copyFileSync(`${path}-wal`, join(folder, 'kept'));
    engine.close();
    rmSync(path);
    copyFileSync(join(folder, 'kept'), `${path}-wal`);
    const bytes = statSync(`${path}-wal`).size;
    expect(bytes).toBeGreaterThan(0);
    expect(() => opens(path)).toThrow(refused('store.lost', /its log .*autopilot\.db-wal holds what was stored last/));
    expect(statSync(`${path}-wal`).size).toBe(bytes);
    expect(existsSync(path)).toBe(false);
  });

  it("where it is another project's", () => {
    const { path, id } = project();
    const other = emptyProject();
    exampleStore(other.path).close();
    rmSync(other.path);
    const swapped = openStore({ path: other.path });
    swapped.close();
    copyFileSync(other.path, path);
    const before = readFileSync(path);
    for (const readOnly of [false, true]) {
      expect(() => opens(path, readOnly)).toThrow(
        refused('store.foreignRuns', new RegExp(`runs of the store ${id} of the project .*put the right one back`)),
      );
    }
    expect(readFileSync(path)).toEqual(before);
  });

  it('where another project uses the same runs folder, though a viewer may look', () => {
    const { folder, path } = project();
    addFolder(folder, 'other.baseline-1.01234567', { id: 'another' });
    expect(() => opens(path)).toThrow(refused('store.foreignRuns', /other\.baseline-1\.01234567/));
    opens(path, true);
  });

  it('where it is new, beside runs of an earlier version', () => {
    const { folder, path } = emptyProject();
    addFolder(folder, 'old.baseline-1');
    expect(() => opens(path)).toThrow(refused('store.lost', /holds runs of another store: old\.baseline-1/));
  });

  it('where it is an earlier copy of itself', () => {
    const { folder, path, id } = project();
    for (const key of [2, 3, 4, 5]) addFolder(folder, `example.iteration-${key}.0000000${key}`, { id });
    expect(() => opens(path)).toThrow(
      refused(
        'store.older',
        /is older than the runs .*iteration-4\.00000004 and 1 more\. .*Put the newer database back/,
      ),
    );
  });

  it('by the engine, where the project is not the folder of its file', async () => {
    const { folder } = project();
    const store = openStore({ path: ':memory:' });
    await expect(runStudy({ config: exampleConfig(), directory: folder, store })).rejects.toThrow(
      refused('store.foreignRuns', /holds runs of the store/),
    );
    expect(store.studies()).toEqual([]);
  });
});
