import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadStudyConfig } from '../../src/config/load.ts';

const cases = join(dirname(fileURLToPath(import.meta.url)), 'hostile');
const folder = mkdtempSync(join(tmpdir(), 'autopilot-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const valid = 'name: a\nworkers: 4\nepochs: 40\ndata: { kind: phantom }\nsetting: { initialLr: 0.5 }\n';

function written(text: string): string {
  const path = join(folder, 'study.yaml');
  writeFileSync(path, text);
  return path;
}

describe('a config that once crashed, hung or was taken as it stood', () => {
  const refused = readdirSync(cases).filter((name) => /^(crash|hang|nonsense)/.test(name));
  it.each(refused)('%s is refused with the field, its value and what to give', (name) => {
    expect(() => loadStudyConfig(join(cases, name))).toThrow(/yaml:\d+: [\w.]+ is [\de+.]+; give at most \d+$/);
  });

  it.each(readdirSync(cases).filter((name) => name.startsWith('sound')))('%s is sound', (name) => {
    expect(loadStudyConfig(join(cases, name)).config.name).toMatch(/^[\w-]+$/);
  });
});

describe('nonsense', () => {
  const command = (fields: string) => `${valid}trainer: { kind: command, command: [x], ${fields} }\n`;
  it.each<[what: string, text: string, message: string]>([
    ['an empty path', valid.replace('phantom', 'slices, path: ""'), 'data.path is ""; give at least 1 character'],
    ['an empty folder', command('directory: ""'), 'trainer.directory is ""; give at least 1 character'],
    [
      'bf16 without the back end that has it',
      `${valid}compute: { precision: bf16 }\n`,
      'compute.precision is bf16, which only the back end native supports, but compute.backend is auto; set compute.backend: native, or precision: float32',
    ],
    [
      'a precision for a command',
      `${command('directory: .')}compute: { backend: native, precision: bf16 }\n`,
      'compute.precision is for the embedded trainer, but trainer.kind is command; set it in the command itself',
    ],
    ['an empty back end', `${valid}compute: { backend: "" }\n`, 'compute.backend is ""; give at least 1 character'],
    [
      'a line break in a field of Slurm',
      `${valid}launcher: { kind: slurm, partition: "gpu\\ntouch x" }\n`,
      'launcher.partition is "gpu\\ntouch x"; write it on one line, without control characters',
    ],
    [
      'a variable that a shell would run',
      command('environment: { "A;id": x }'),
      'trainer.environment.A;id: name a variable with letters, digits and "_"',
    ],
    ['a rate that decays to nothing', valid.replace('0.5', '5e-324'), 'setting.initialLr is 5e-324; give at least'],
    ['a thousand levels', `${valid}components: ${'{ a: '.repeat(1000)}1${' }'.repeat(1000)}\n`, 'nested more than 64'],
    ['a hundred thousand levels', '['.repeat(100_000), 'nested more than 64'],
  ])('is refused: %s', (_, text, message) => {
    expect(() => loadStudyConfig(written(text))).toThrow(message);
  });

  it('is refused as a pipe, which would be waited for without end, and as a file of many megabytes', () => {
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect(() => loadStudyConfig(pipe)).toThrow('it is not a regular file');
    expect(() => loadStudyConfig(written(`# ${'x'.repeat(5_000_000)}`))).toThrow('a config may have at most 4194304');
  });
});
