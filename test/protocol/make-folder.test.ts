import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/protocol/files/make-folder.ts';

describe('makeFolder', () => {
  const base = mkdtempSync(join(tmpdir(), 'folders-'));

  it('makes all that are missing, for whom the mode says, and leaves those that are there', () => {
    makeFolder(join(base, 'a', 'b', 'c'), 0o700);
    expect(statSync(join(base, 'a', 'b')).mode & 0o777).toBe(0o700);
    makeFolder(join(base, 'a', 'b', 'c'));
    makeFolder('/');
  });

  it('throws where a file is in the way', () => {
    writeFileSync(join(base, 'file'), '');
    expect(() => makeFolder(join(base, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder(join(base, 'file', 'below'))).toThrow('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')('throws where Node’s own would try for ever', () => {
    expect(() => makeFolder('/proc/none/below')).toThrow('ENOENT');
  });

  it('makes what a relative path names', () => {
    mkdirSync(join(base, 'here'));
    const before = process.cwd();
    process.chdir(join(base, 'here'));
    try {
      makeFolder(join('one', 'two'));
      expect(statSync(join(base, 'here', 'one', 'two')).isDirectory()).toBe(true);
    } finally {
      process.chdir(before);
    }
  });
});
