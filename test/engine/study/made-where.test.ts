import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { madeWhere } from '../../../src/engine/study/made-where.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;

it.skipIf(!hasGit)('tells the commit of a folder and starts no program that its Git configuration names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'made-where-'));
  const git = (...words: string[]) => {
    const { status, stdout } = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([words, status]).toEqual([words, 0]);
    return stdout.trim();
  };
  expect(madeWhere(folder)).not.toHaveProperty('commit');
  git('init', '--quiet');
  expect(madeWhere(folder)).not.toHaveProperty('commit');
  writeFileSync(join(folder, 'net.py'), '1');
  writeFileSync(join(folder, '.gitattributes'), '*.py filter=evil');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const [evil, mark] = [join(folder, 'evil.sh'), join(folder, 'started')];
  writeFileSync(evil, `#!/bin/sh\ntouch '${mark}'\ncat\n`, { mode: 0o755 });
  for (const key of ['core.fsmonitor', 'filter.evil.clean']) git('config', key, evil);
  writeFileSync(join(folder, 'net.py'), '2');
  expect(madeWhere(folder).commit).toBe(git('rev-parse', 'HEAD'));
  expect(existsSync(mark)).toBe(false);
});
