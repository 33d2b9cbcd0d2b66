import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { shellText } from '../../../src/domain/text/shell-text.ts';
import { readStore } from '../../support/engine-process.ts';
import { mainWords, runCli } from '../run-cli.ts';

/** What a question says, and the keys that answer it. */
type Answer = readonly [question: string, keys: string];

const enter = '\r';
const back = '\x7f';
const down = '\x1b[B';
const hasScript = spawnSync('script', ['--version']).status === 0;

/** `autopilot init` in a real pseudo-terminal of 100 columns, whose questions are answered as they come. */
async function asked(folder: string, answers: readonly Answer[]): Promise<{ code: number | null; screen: string }> {
  const command = [process.execPath, ...mainWords, 'init', folder];
  const line = `stty cols 100 rows 30; exec ${command.map(shellText).join(' ')}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, TERM: 'xterm', CI: '' } });
  const left = [...answers];
  let screen = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const next = left[0];
    const at = next === undefined ? -1 : screen.indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    seen = at + next[0].length;
    left.shift();
    // The frame is still being drawn.
    setTimeout(() => child.stdin.write(next[1]), 100);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(left, screen).toEqual([]);
  return { code, screen };
}

describe.skipIf(!hasScript)('autopilot init, asked in a terminal', { timeout: 60_000 }, () => {
  const newFolder = (name: string) => join(mkdtempSync(join(tmpdir(), 'init-')), name);

  it('asks what it needs to know, and writes a config that runs', async () => {
    const folder = newFolder('asked');
    const { code, screen } = await asked(folder, [
      ['Name of the study', enter],
      ['Which trainer?', down + down + enter],
      ['Workers', `${back}3${enter}`],
      ['Epochs of a run', `${back}${back}7${enter}`],
      ["One worker's own well-tuned rate", enter],
      ['When is a setting good enough?', down + enter],
      ['How are workers started?', enter],
    ]);
    expect(code, screen).toBe(0);
    expect(screen).toContain('Start it with: autopilot run');
    expect(parse(readFileSync(join(folder, 'study.yaml'), 'utf8'))).toMatchObject({
      name: 'asked',
      trainer: { kind: 'simulated' },
      workers: 3,
      epochs: 7,
      setting: { initialLr: 0.5, warmupEpochs: 5 },
      decision: { rule: 'thesis' },
      guideline: 'thesis',
      launcher: { kind: 'local' },
    });
    const file = join(folder, 'study.yaml');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)\n/.exec(readFileSync(file, 'utf8')) ?? [];
    expect(JSON.parse(readFileSync(join(folder, schema), 'utf8'))).toHaveProperty('properties.setting');
    // All the same but for its length.
    const shorter = readFileSync(file, 'utf8').replace(/iterations: 60/, 'iterations: 1');
    writeFileSync(file, shorter);
    const ran = await runCli(['run', folder, '--project', folder]);
    expect(ran.stderr).toBe('');
    const { outcome } = readStore(folder, (store) => store.study('asked')) ?? {};
    expect(['noLoss', 'exhausted', 'budgetSpent'], ran.stdout).toContain(outcome);
  }, 120_000);

  it('asks again for what cannot be', async () => {
    const folder = newFolder('again');
    const { code, screen } = await asked(folder, [
      ['Name of the study', `!${enter}`],
      ['Letters, digits', back + enter],
      ['Which trainer?', down + down + enter],
      ['Workers', enter],
      ['Epochs of a run', enter],
      ["One worker's own well-tuned rate", enter],
      ['When is a setting good enough?', enter],
      ['How are workers started?', down + enter],
    ]);
    expect(code, screen).toBe(0);
    expect(parse(readFileSync(join(folder, 'study.yaml'), 'utf8'))).toMatchObject({
      name: 'again',
      workers: 4,
      decision: { rule: 'nonInferiority' },
      launcher: { kind: 'mpi' },
    });
  });

  it('writes nothing after Ctrl-C', async () => {
    const folder = newFolder('left');
    const { code, screen } = await asked(folder, [['Name of the study', '\x03']]);
    expect(code, screen).toBe(130);
    expect(screen).toContain('Nothing was written.');
    expect(existsSync(folder)).toBe(false);
  });
});

describe('autopilot init, told everything', { timeout: 60_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'init-'));

  it.each([
    ['slurm', { kind: 'slurm' }],
    ['pbs', { kind: 'scheduler', preset: 'pbs' }],
  ])('writes the launcher %s', async (launcher, written) => {
    const folder = join(scratch, launcher);
    const { code, stderr } = await runCli(['init', folder, '--yes', '--launcher', launcher, '--epochs', '3']);
    expect(code, stderr).toBe(0);
    const config: unknown = parse(readFileSync(join(folder, 'study.yaml'), 'utf8'));
    expect(config).toMatchObject({ launcher: written, setting: { warmupEpochs: 1 } });
    expect((await runCli(['plan', folder])).code).toBe(0);
  });

  it('names the data as seen from the config, and refuses what is no folder of slices', async () => {
    const slices = join(scratch, 'slices');
    const folder = join(scratch, 'with-data');
    mkdirSync(slices);
    const refused = await runCli(['init', folder, '--yes', '--data', slices]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('has no manifest.json');
    writeFileSync(join(slices, 'manifest.json'), '{}');
    const { code, stderr } = await runCli(['init', folder, '--yes', '--data', slices]);
    expect(code, stderr).toBe(0);
    expect(parse(readFileSync(join(folder, 'study.yaml'), 'utf8'))).toMatchObject({ data: { path: '../slices' } });
  });
});
