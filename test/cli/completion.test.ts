import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

it('completes commands, their own commands and their options in bash', async () => {
  const { stdout } = await runCli(['completion', 'bash']);
  const completed = (...words: string[]) => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(autopilot ${typed}); COMP_CWORD=${words.length}; _autopilot; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ');
  };
  expect(completed('his')).toEqual(['history']);
  expect(completed('data', 'ch')).toEqual(['check']);
  expect(completed('init', '--init')).toEqual(['--initial-lr']);
  expect(completed('init', 'folder', '--init')).toEqual(['--initial-lr']);
  expect(completed('models', 'publish', '--lic')).toEqual(['--licence']);
});
