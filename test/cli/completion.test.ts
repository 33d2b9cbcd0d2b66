import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
const words = (text: string) => text.trim().split(/\s+/);

it('completes commands, their own commands and their options in bash', async () => {
  const { stdout } = await runCli(['completion', 'bash']);
  const completed = (...typed: string[]) => {
    const line = typed.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(autopilot ${line}); COMP_CWORD=${typed.length}; _autopilot; echo "\${COMPREPLY[@]}"`;
    return words(spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' }).stdout);
  };
  expect(completed('his')).toEqual(['history']);
  expect(completed('data', 'ch')).toEqual(['check']);
  expect(completed('init', '--init')).toEqual(['--initial-lr']);
  expect(completed('init', 'folder', '--init')).toEqual(['--initial-lr']);
  expect(completed('models', 'publish', '--lic')).toEqual(['--licence']);
});

it.skipIf(!has('fish'))('completes the same in fish, and says what each does', async () => {
  const { stdout } = await runCli(['completion', 'fish']);
  const completed = (typed: string) =>
    spawnSync('fish', ['--no-config', '-c', `${stdout}\ncomplete -C '${typed}'`], { encoding: 'utf8' }).stdout.trim();
  expect(completed('autopilot his')).toMatch(/^history\tprint a study's iterations/);
  expect(completed('autopilot data ch')).toMatch(/^check\t/);
  expect(completed('autopilot init folder --init')).toMatch(/^--initial-lr\t/);
  expect(completed('autopilot models publish --lic')).toMatch(/^--licence\t/);
});

it.skipIf(!has('zsh'))('defines the same in zsh, by its reading of bash', async () => {
  const { stdout } = await runCli(['completion', 'zsh']);
  // What begins otherwise than the word is left out by zsh itself.
  const ask =
    'COMP_WORDS=(autopilot models publish --lic); COMP_CWORD=3; setopt ksharrays shwordsplit; _autopilot; echo ${COMPREPLY[@]}';
  const { stdout: said, stderr } = spawnSync('zsh', ['-f', '-c', `${stdout}\n${ask}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(words(said)).toContain('--licence');
  expect(words(said)).not.toContain('--initial-lr');
});
