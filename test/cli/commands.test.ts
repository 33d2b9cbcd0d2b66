import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { loadStudyConfig } from '../../src/config/load.ts';
import { storeStudy, table62 } from '../report/stored-study.ts';
import { mainWords, runCli } from './run-cli.ts';

let folder: string;
let project: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'autopilot-cli-'));
  project = join(folder, 'project');
  mkdirSync(project);
  const store = openStore({ path: join(project, 'autopilot.db') });
  storeStudy(store, table62);
  storeStudy(store, { ...table62, name: 'trial', simulated: true });
  store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('autopilot', () => {
  it('prints its commands and exit codes without arguments', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/history {2,}print a study/);
    expect(stdout).toContain('3 the study ended without "no loss"');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('suggests the nearest command, with exit code 2', async () => {
    const { code, stderr } = await runCli(['histroy']);
    expect([code, stderr]).toEqual([2, 'Unknown command "histroy". Did you mean "history"?\n']);
  });

  it('suggests the nearest option, with exit code 2', async () => {
    const { code, stderr } = await runCli(['history', '--jsno']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--jsno'");
    expect(stderr).toContain('--json');
  });

  it('bears a reader that goes away', async () => {
    const child = spawn(process.execPath, [...mainWords, 'history', 'atrium', '--project', project]);
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect([code, said]).toEqual([0, '']);
  });
});

describe('autopilot history', () => {
  it('prints the table of the study that is named', async () => {
    const { code, stdout } = await runCli(['history', 'atrium', '--project', project]);
    expect(code).toBe(0);
    expect(stdout).toContain('increase the decay coefficient: 3 \u2192 4.5');
    expect(stdout).not.toContain('\u001b');
  });

  it('lists the studies when several are there and none is named', async () => {
    const { code, stdout } = await runCli(['history', '--json', '--project', project]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { study: string }[]).map(({ study }) => study)).toEqual(['atrium', 'trial']);
  });

  it('suggests the nearest study', async () => {
    const { code, stderr } = await runCli(['history', 'artium', '--project', project]);
    expect([code, stderr.trim()]).toEqual([
      1,
      `There is no study "artium" in ${join(project, 'autopilot.db')}. Did you mean "atrium"?`,
    ]);
  });

  it('gives errors as JSON on stdout with --json', async () => {
    const { code, stdout, stderr } = await runCli(['history', 'artium', '--json', '--project', project]);
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'study.unknown' } });
  });

  it('says what to do where no study was run yet', async () => {
    const { code, stderr } = await runCli(['history', '--project', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/autopilot\.db does not exist: no study has been run .* autopilot run study\.yaml/);
  });

  it('says so when the store is damaged, and leaves it as it is', async () => {
    const damaged = join(folder, 'damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'autopilot.db'), 'this is no database, whatever its name may say'.repeat(100));
    const { code, stderr } = await runCli(['history', '--project', damaged]);
    expect(code).toBe(1);
    expect(stderr).toContain('is not an autopilot database');
    expect(readFileSync(join(damaged, 'autopilot.db'), 'utf8')).toMatch(/^this is no database/);
  });
});

describe('autopilot show', () => {
  it('prints an iteration with its curve and decision', async () => {
    const { code, stdout } = await runCli(['show', 'atrium', '2', '--project', project]);
    expect(code).toBe(0);
    expect(stdout).toContain('decision 3: degraded');
  });

  it('names what there is when the iteration is unknown', async () => {
    const { code, stderr } = await runCli(['show', 'atrium', '12', '--project', project]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('There are iterations 0 to 4')]);
  });
});

describe('autopilot init', () => {
  it.each([
    ['embedded', []],
    ['simulated', ['--workers', '18', '--epochs', '12']],
    ['command', ['--command', "torchrun 'my train.py' --lr x"]],
  ])('writes a config for trainer %s that loads', async (trainer, more) => {
    const target = join(folder, 'new', trainer);
    const { code, stdout } = await runCli(['init', target, '--yes', '--trainer', trainer, ...more]);
    expect(code).toBe(0);
    expect(stdout).toContain('autopilot run');
    const { config } = loadStudyConfig(target);
    expect(config).toMatchObject({
      name: trainer,
      trainer: { kind: trainer },
      workers: trainer === 'simulated' ? 18 : 4,
    });
  });

  it('overwrites nothing', async () => {
    const target = join(folder, 'mine');
    mkdirSync(target);
    writeFileSync(join(target, 'study.yaml'), '# mine\n');
    const { code, stderr } = await runCli(['init', target, '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('exists and was left unchanged')]);
    expect(readFileSync(join(target, 'study.yaml'), 'utf8')).toBe('# mine\n');
  });

  it('refuses values that no study can have, with exit code 2', async () => {
    const { code, stderr } = await runCli(['init', join(folder, 'zero'), '--yes', '--workers', '0']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("'0' is invalid. Give a whole number from 1 to 100000."),
    ]);
    expect(existsSync(join(folder, 'zero'))).toBe(false);
  });

  it('asks for --yes where nobody can answer', async () => {
    const { code, stderr } = await runCli(['init', join(folder, 'ask')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Add --yes')]);
  });

  it('names the folder it may not write in', async () => {
    // /proc takes no folders from anyone; a mode alone does not stop root.
    const locked = process.getuid?.() === 0 ? '/proc/locked' : join(folder, 'locked');
    if (locked !== '/proc/locked') {
      mkdirSync(locked);
      chmodSync(locked, 0o500);
    }
    const { code, stderr } = await runCli(['init', locked, '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/study\.yaml cannot be written .*permissions/)]);
  });
});

describe('autopilot plan', () => {
  const config = 'name: p\nworkers: 18\nepochs: 40\ntrainer: { kind: simulated }\nsetting: { initialLr: 0.5 }\n';

  it('shows schedule, guideline, cost, and where each value comes from', async () => {
    const file = join(folder, 'plan.yaml');
    writeFileSync(file, config);
    const { code, stdout } = await runCli(['plan', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('warmup 5 epochs, stabilization 20 epochs, decay 15 epochs; rate 0.5 \u2192 9 \u2192');
    expect(stdout).toMatch(/1 baseline run, then 11 distributed runs \(.*; 2 if .*\); 7960 worker-epochs/);
    expect(stdout).toContain('at most    20 distributed runs; 14440 worker-epochs');
    expect(stdout).toMatch(/^workers +18 +config$/m);
    expect(stdout).toMatch(/^setting\.warmupEpochs +5 +default$/m);
    expect(stdout).toMatch(/1\. decrease the initial rate: times 0\.5/);
  });

  it('reports every problem of a config, with exit code 1', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, `${config.replace('18', 'many')}los: dice\n`);
    const { code, stderr } = await runCli(['plan', file]);
    expect([code, stderr.trim().split('\n')]).toEqual([
      1,
      [
        'wrong.yaml has 2 problems:',
        'wrong.yaml:2: workers is "many"; give a number',
        'wrong.yaml:6: los is not a known field; did you mean "loss"?',
      ],
    ]);
  });

  it('refuses a guideline that is not shipped', async () => {
    const file = join(folder, 'guideline.yaml');
    writeFileSync(file, `${config}guideline: thessis\n`);
    const { code, stderr } = await runCli(['plan', file]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Unknown guideline "thessis"')]);
  });
});

describe('autopilot doctor', () => {
  it('finds this machine fit, and says how to get what is missing', async () => {
    const { code, stdout } = await runCli(['doctor', '--json', '--project', project]);
    const { healthy, checks } = JSON.parse(stdout) as {
      healthy: boolean;
      checks: { name: string; state: string; fix: string | null }[];
    };
    expect([code, healthy]).toEqual([0, true]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node', 'cores', 'memory', 'SQLite', 'store', 'MPI', 'Slurm']),
    );
    for (const { state, fix } of checks) expect(state === 'ok').toBe(fix === null);
  });

  it('ends with exit code 1 when something essential is broken', async () => {
    const damaged = join(folder, 'broken');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'autopilot.db'), 'no database at all, but long enough to be looked at'.repeat(50));
    const { code, stdout } = await runCli(['doctor', '--project', damaged]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('Broken: store.')]);
  });
});
