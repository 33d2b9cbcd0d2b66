import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const study = (name: string, more = '') => `name: ${name}
trainer: { kind: simulated, noise: 0 }
workers: 4
epochs: 3
setting: { initialLr: 0.5 }
decision: { metrics: [dice] }
${more}`;

/** A folder with a study in a folder of its own. */
function project(config: string): { above: string; folder: string } {
  const above = mkdtempSync(join(tmpdir(), 'study-end-'));
  const folder = join(above, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'study.yaml'), config);
  return { above, folder };
}

describe('the end of a study in a terminal', { timeout: 60_000 }, () => {
  it('says the best setting, its price and what to type next', async () => {
    const { above, folder } = project(study('short', 'budget: { iterations: 1 }'));
    const { stdout, stderr } = await runCli(['run', 'mine'], { cwd: above });
    const end = stdout.slice(stdout.indexOf('short: ')).replace(/\s+/g, ' ');
    expect(end, stderr).toMatch(/The best so far \(iteration 0\) has dice 0\.\d+ .* against the baseline's 0\.\d+/);
    expect(end).toMatch(/It took 2 runs, .* of training, .* worker-hours\./);
    expect(end).toContain('Continue, with a larger budget in mine: autopilot run mine');

    const plan = await runCli(['plan', 'mine'], { cwd: above });
    expect(plan.stdout).toContain('warmup 1 epoch, stabilization 1 epoch, decay 1 epoch');

    const inside = await runCli(['history'], { cwd: folder });
    expect(inside.stdout).toContain('short: 4 workers');
    expect(inside.stderr).toContain(`Project: ${above}`);

    const page = join(above, 'pages', 'x.html');
    expect((await runCli(['report', '--out', page], { cwd: above })).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('<!doctype html>');
    expect(existsSync(join(above, 'reports'))).toBe(false);
  });

  it('goes on in the folder of the config where its store is', async () => {
    const { above, folder } = project(study('there'));
    expect((await runCli(['run'], { cwd: folder })).stderr).toBe('');
    const again = await runCli(['run', 'mine'], { cwd: above });
    expect(again.stdout).toContain('It had already ended');
    expect(again.stdout).toContain('SIMULATED');
    expect((await runCli(['run', 'mine', '--json'], { cwd: above })).stdout).toContain('"simulated":true');
    const quietly = await runCli(['run', 'mine', '--fresh-name', '--quiet'], { cwd: above });
    expect(quietly.stdout.split('\n')[0], quietly.stderr).toMatch(/^there-2: /);
    expect(quietly.stdout).toContain('SIMULATED');
    expect(quietly.stdout).not.toContain('epoch 1/');
    expect(existsSync(join(above, 'autopilot.db'))).toBe(false);
  });
});

describe('the price of a study before it begins', { timeout: 60_000 }, () => {
  it('counts no baseline that is given, and takes the seconds of an epoch from the config', async () => {
    const { folder } = project(
      study(
        'priced',
        'baseline: { mean: { dice: 0.85 }, n: 5 }\nlauncher: { kind: mpi }\ncost: { epochSeconds: 3600 }',
      ),
    );
    const { stdout, stderr } = await runCli(['plan', folder]);
    expect(stdout, stderr).toContain('expected   the baseline is given, then 11 distributed runs');
    expect(stdout).toContain('at most    20 distributed runs; 240 worker-epochs');
    // 11 runs of 3 epochs, each a quarter of an hour on four workers.
    expect(stdout).toContain(
      'price      expected 8 h 15 min and 33 worker-hours, at most 15 h 00 min and 60 worker-hours',
    );
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '1 h 00 min on one worker; on 4 workers, not measured yet, 1/4 of that if they share the work perfectly',
    );
  });
});
