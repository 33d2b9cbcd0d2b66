import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { withStoreIfAny } from '../../src/cli/project.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from '../engine/example-study.ts';
import { runCli } from './run-cli.ts';

it('does not take a project whose database was lost beside its runs for a new one', async () => {
  const directory = temporaryProject();
  const file = join(directory, 'autopilot.db');
  const store = openStore({ path: file });
  await runStudy({ config: exampleConfig({ budget: { iterations: 1 } }), directory, store });
  store.close();
  rmSync(file);
  expect(() => withStoreIfAny(directory, () => null)).toThrow(/autopilot\.db does not exist, and .* holds runs of/);
  const empty = mkdtempSync(join(tmpdir(), 'no-project-'));
  expect(withStoreIfAny(empty, (found) => found)).toBeNull();
});

it('says that a database lags behind its journal, whatever is read from it', async () => {
  const directory = temporaryProject();
  const file = join(directory, 'autopilot.db');
  const store = openStore({ path: file });
  await runStudy({ config: exampleConfig({ budget: { iterations: 1 } }), directory, store });
  store.close();
  const fresh = await runCli(['history', '--project', directory]);
  expect(fresh).toMatchObject({ code: 0, stderr: '' });
  const copy = new Database(file);
  copy.pragma('foreign_keys = OFF');
  copy.exec('DELETE FROM event');
  copy.close();
  const { stdout, stderr } = await runCli(['history', '--project', directory, '--json']);
  expect(stderr).toMatch(/Warning: what follows may be out of date\. .* is older than its journal .* doctor --repair/);
  expect(JSON.parse(stdout)).toMatchObject({ study: 'example' });
});

it('names a folder that stands where the database belongs', async () => {
  const directory = temporaryProject();
  mkdirSync(join(directory, 'autopilot.db'));
  const { code, stderr } = await runCli(['history', '--project', directory]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('autopilot.db is a folder, not a database.');
});
