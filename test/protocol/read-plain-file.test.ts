import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { readPlainFile } from '../../src/protocol/files/read-plain-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plain-'));

function pipe(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

it.each(['a.nii', 'a.nii.gz', 'a.dcm', 'a.png', 'a.jpg', 'a.mha', 'a.nrrd', 'a.tif'])(
  'a scan that is a pipe is refused and not waited for: %s',
  async (name) => {
    await expect(readVolume(pipe(name))).rejects.toThrow('it is not a regular file');
  },
);

it.each<[command: string, words: string[], name: string]>([
  ['replay', [], 'table.yaml'],
  ['import', ['auto-cnnp'], 'system.xml'],
])('so is what %s reads', async (command, words, name) => {
  await expect(runProgram([command, ...words, pipe(name)])).rejects.toThrow('it is not a regular file');
});

it('a device is refused, and a file beyond the bound', () => {
  expect(() => readPlainFile('/dev/zero')).toThrow('it is not a regular file');
  const path = join(folder, 'text');
  writeFileSync(path, 'twelve bytes');
  expect(readPlainFile(path, 12).toString()).toBe('twelve bytes');
  expect(() => readPlainFile(path, 11)).toThrow('it has 12 bytes; at most 11 can be read');
});
