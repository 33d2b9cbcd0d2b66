import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { withStoreIfAny } from '../../src/cli/project.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from '../engine/example-study.ts';

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
