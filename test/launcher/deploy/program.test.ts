import { appendFileSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadStudyConfig } from '../../../src/config/load.ts';
import { composeProgram } from '../../../src/launcher/deploy/compose-program.ts';
import { moduleFiles } from '../../../src/launcher/deploy/module-files.ts';
import { ownCode } from '../../../src/launcher/deploy/own-code.ts';
import { placeProgram } from '../../../src/launcher/deploy/place-program.ts';
import { verifyProgram } from '../../../src/launcher/deploy/verify-program.ts';
import { resumeFromLastCheckpoint } from '../../../src/launcher/slurm/resume.ts';
import { deployManifestPath } from '../../../src/protocol/deploy-manifest.ts';
import { runDirectoryFiles } from '../../../src/protocol/run-directory.ts';
import type { RunSpec } from '../../../src/protocol/run-spec.ts';
import { tinyRun } from '../../support/tiny-run.ts';

/** A study with a module that imports another file, its program placed in a run directory. */
function deployed(root: string | null = null) {
  const folder = mkdtempSync(join(tmpdir(), 'deployed-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const table = file('table.json', '[1, 2]');
  const helper = file('helper.mjs', "export const table = new URL('./table.json', import.meta.url);\n");
  const module = file('loss.mjs', "import { table } from './helper.mjs';\nexport default table;\n");
  file('unrelated.mjs', 'export default 1;\n');
  file(
    'study.yaml',
    'name: s\nworkers: 2\nepochs: 4\nsetting: { initialLr: 0.1, warmupEpochs: 1 }\ndata: { kind: phantom }\ncomponents: { loss: { module: loss.mjs } }\n',
  );
  const { runDirectory } = tinyRun({ workers: 2 });
  const spec = JSON.parse(readFileSync(runDirectoryFiles(runDirectory).spec, 'utf8')) as RunSpec;
  const program = { ...composeProgram(loadStudyConfig(folder).config), code: ownCode() };
  const hash = placeProgram({ program, spec, attempt: 'a', runDirectory, root });
  return { runDirectory, hash, program, module, helper, table };
}

function editJson(path: string, edit: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  edit(value);
  writeFileSync(path, JSON.stringify(value));
}

describe('the deployed program', () => {
  it('is accepted where nothing changed, also after a requeue has moved on where it resumes from', () => {
    const { runDirectory, hash } = deployed();
    expect(verifyProgram(runDirectory, hash).hash).toBe(hash);
    resumeFromLastCheckpoint(runDirectory);
    editJson(runDirectoryFiles(runDirectory).spec, (spec) => {
      spec.resumeFrom = '/somewhere/checkpoint';
    });
    expect(verifyProgram(runDirectory, hash).hash).toBe(hash);
  });

  it('names every file of the study that a rank executes: modules, what they import and what they read', () => {
    const { program, module, helper, table } = deployed();
    expect(program.files.map(({ role, path }) => [role, path])).toEqual([
      ['module', helper],
      ['module', module],
      ['module', table],
    ]);
    expect(moduleFiles(module)).toEqual([helper, module, table]);
    expect(Object.keys(program.code)).toEqual(
      expect.arrayContaining(['src/trainer/worker/main.ts', 'src/trainer/train.ts', 'schedules/phases.ts']),
    );
  });

  it.each(['module', 'helper', 'table'] as const)(
    'is refused when its %s was tampered with, by the file’s name',
    (which) => {
      const { runDirectory, hash, ...files } = deployed();
      appendFileSync(files[which], '\n');
      expect(() => verifyProgram(runDirectory, hash)).toThrow(
        `${files[which]} (module) is not the file that the study was launched with, so nothing is trained here. Put the file back`,
      );
      renameSync(files[which], `${files[which]}.gone`);
      expect(() => verifyProgram(runDirectory, hash)).toThrow(`${files[which]} (module) is missing`);
    },
  );

  it('is refused when run.json was edited', () => {
    const { runDirectory, hash } = deployed();
    editJson(runDirectoryFiles(runDirectory).spec, (spec) => {
      spec.epochs = 99;
    });
    expect(() => verifyProgram(runDirectory, hash)).toThrow(/run\.json was changed after the launch/);
  });

  it.each([
    [
      'another Node',
      (manifest: Manifest) => (manifest.versions.node = '18.0.0'),
      /node is [\d.]+ here, but 18\.0\.0 where/,
    ],
    [
      'another autopilot',
      (manifest: Manifest) => (manifest.versions.autopilot = '9.9.9'),
      /autopilot is .* here, but 9\.9\.9 where/,
    ],
    [
      'other code',
      (manifest: Manifest) => (manifest.code['src/trainer/train.ts'] = 'f'.repeat(64)),
      /own file .*src\/trainer\/train\.ts differs/,
    ],
    ['a file less', (manifest: Manifest) => delete manifest.code['src/trainer/train.ts'], /train\.ts is extra/],
    ['a file more', (manifest: Manifest) => (manifest.code['src/trainer/x.ts'] = 'f'.repeat(64)), /x\.ts is missing/],
  ])('is refused where the launching host had %s', (_, edit, message) => {
    const { runDirectory, program } = deployed();
    const other = structuredClone(program);
    edit(other);
    const spec = JSON.parse(readFileSync(runDirectoryFiles(runDirectory).spec, 'utf8')) as RunSpec;
    const hash = placeProgram({ program: other, spec, attempt: 'a', runDirectory, root: null });
    expect(() => verifyProgram(runDirectory, hash)).toThrow(message);
  });

  it('is refused when the run directory is another launch’s, or has no manifest', () => {
    const { runDirectory, hash } = deployed();
    expect(() => verifyProgram(runDirectory, 'f'.repeat(64))).toThrow(/belongs to another launch .* set deploy\.copy/);
    renameSync(deployManifestPath(runDirectory), join(runDirectory, 'elsewhere'));
    expect(() => verifyProgram(runDirectory, hash)).toThrow(/deploy\.json is missing or damaged/);
  });
});

type Manifest = ReturnType<typeof deployed>['program'];
