import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellText } from '../../src/domain/text/shell-text.ts';
import { autopilot, autopilotCommand, outcome, writeStudy } from '../support/faulty-study.ts';
import { hasSlurm, slurm, startSlurm, type TestSlurm } from '../support/slurm.ts';
import { eventsOf } from '../support/tiny-run.ts';

const launcher = { kind: 'slurm', pollSeconds: 0.5 };
const simulated = {
  trainer: { kind: 'simulated', noise: 0, epochMs: 150 },
  baseline: { seeds: 1 },
  budget: { iterations: 3 },
  epochs: 12,
};

describe.skipIf(!hasSlurm())('a study on a real Slurm', { timeout: 240_000 }, () => {
  let cluster: TestSlurm;
  beforeAll(() => {
    cluster = startSlurm();
  });
  afterAll(() => cluster?.stop());

  /** Every attempt that the run directories know, and how often Slurm ran a job of that name. */
  function jobsPerAttempt(project: string): Record<string, number> {
    const names = readdirSync(join(project, 'runs')).flatMap((run) =>
      eventsOf(join(project, 'runs', run)).flatMap((event) =>
        event.type === 'attempt' && 'name' in event ? [String(event.name)] : [],
      ),
    );
    const jobs = slurm('squeue', '--noheader', '--states=all', '--format=%j').split('\n');
    return Object.fromEntries(names.map((name) => [name, jobs.filter((job) => job === name).length]));
  }

  /** How often each run's training came to its end. */
  function finishesPerRun(project: string): Record<string, number> {
    const runs = readdirSync(join(project, 'runs'));
    const finishes = (run: string) => eventsOf(join(project, 'runs', run)).filter(({ type }) => type === 'finished');
    return Object.fromEntries(runs.map((run) => [run, finishes(run).length]));
  }

  function eventsIn(project: string, run: RegExp) {
    const runs = join(project, 'runs');
    const folder = existsSync(runs) ? readdirSync(runs).find((name) => run.test(name)) : undefined;
    return folder === undefined ? [] : eventsOf(join(runs, folder));
  }

  it('goes on after its engine was killed twice, and submits no job twice', async () => {
    const project = writeStudy(launcher, simulated);
    const first = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
    await expect
      .poll(() => eventsIn(project, /baseline/).some(({ type }) => type === 'epoch'), { timeout: 60_000 })
      .toBe(true);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = autopilot(['resume', 'faulty', '--project', project]);
    await expect.poll(() => eventsIn(project, /iteration-/).length, { timeout: 60_000 }).toBeGreaterThan(0);
    second.child.kill('SIGKILL');
    await second.ended;
    const { output, exitCode } = await autopilot(['resume', 'faulty', '--project', project]).ended;
    expect(exitCode, output).not.toBe(1);
    const jobs = Object.values(jobsPerAttempt(project));
    // An engine killed between its intent and its submission leaves an attempt without a job.
    expect(jobs.filter((count) => count > 1)).toEqual([]);
    expect(jobs.filter((count) => count === 1).length).toBeGreaterThanOrEqual(3);
    expect(Object.values(finishesPerRun(project))).toEqual(Object.values(finishesPerRun(project)).map(() => 1));
  });

  it('leaves its job to a later engine on Ctrl-C', async () => {
    const project = writeStudy(launcher, {
      ...simulated,
      trainer: { ...simulated.trainer, epochMs: 700 },
      budget: { iterations: 1 },
    });
    const first = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
    await expect
      .poll(() => eventsIn(project, /baseline/).some(({ type }) => type === 'epoch'), { timeout: 60_000 })
      .toBe(true);
    first.child.kill('SIGINT');
    const { output } = await first.ended;
    expect(output).toMatch(/resume/);
    expect(slurm('squeue', '--noheader', '--format=%T')).toMatch(/RUNNING|COMPLETING/);
    const resumed = await autopilot(['resume', 'faulty', '--project', project]).ended;
    expect(resumed.exitCode, resumed.output).not.toBe(1);
    expect(new Set(Object.values(jobsPerAttempt(project)))).toEqual(new Set([1]));
  });

  it('shows the script of its first job with --dry-run, and submits nothing', async () => {
    const project = writeStudy({ ...launcher, account: 'radiology' }, simulated);
    const { output } = await autopilot(['run', join(project, 'study.yaml'), '--project', project, '--dry-run']).ended;
    expect(output).toContain('#SBATCH --account=radiology');
    expect(existsSync(join(project, 'runs'))).toBe(false);
  });

  it('says that a job was cancelled from outside, and does not submit it again', async () => {
    const project = writeStudy(launcher, { ...simulated, budget: { iterations: 1 } });
    const engine = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
    await expect
      .poll(() => eventsIn(project, /baseline/).some(({ type }) => type === 'epoch'), { timeout: 60_000 })
      .toBe(true);
    const [name = ''] = Object.keys(jobsPerAttempt(project));
    slurm('scancel', `--name=${name}`);
    const { output } = await engine.ended;
    expect(output).toMatch(/cancelled from outside/);
    expect(readFileSync(join(project, 'study.yaml'), 'utf8')).toContain('slurm');
    expect(Object.keys(jobsPerAttempt(project))).toHaveLength(1);
  });

  it('fails with Slurm’s words when a submission is refused for good, and goes on once the config is right', async () => {
    const project = writeStudy({ ...launcher, partition: 'nowhere' }, { ...simulated, budget: { iterations: 1 } });
    const study = join(project, 'study.yaml');
    const refused = await autopilot(['run', study, '--project', project]).ended;
    expect(refused.output).toMatch(/Slurm refuses the job: .*partition/i);
    writeFileSync(study, readFileSync(study, 'utf8').replace('nowhere', 'low'));
    const { output, exitCode } = await autopilot(['resume', '--config', study, '--project', project]).ended;
    expect(exitCode, output).not.toBe(1);
    expect(Object.values(finishesPerRun(project)), output).toEqual([1, 1]);
  });

  it('runs from inside a job of that Slurm, and submits its own', async () => {
    const project = writeStudy(launcher, { ...simulated, budget: { iterations: 1 } });
    const said = runInJob(project);
    expect(Object.values(finishesPerRun(project)), said).toEqual([1, 1]);
    expect(new Set(Object.values(jobsPerAttempt(project)))).toEqual(new Set([1]));
  });

  it('uses the nodes of its allocation with the mpi launcher', async () => {
    const embedded = { epochs: 2, setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 1 }, workers: 2 };
    const project = writeStudy({ kind: 'mpi' }, embedded);
    const calm = writeStudy({ kind: 'local', shards: 'exact' }, embedded);
    const said = runInJob(project, '--nodes=2', '--ntasks-per-node=1');
    await autopilot(['run', join(calm, 'study.yaml'), '--project', calm]).ended;
    expect(outcome(project), said).toMatchObject({ finished: 1, attempts: 1, weights: outcome(calm).weights });
    expect(hostsOf(project)).toEqual(['c1', 'c2']);
  });
});

/** Runs the project's study in a job of its own, to the end; what the engine said. */
function runInJob(project: string, ...parameters: string[]): string {
  const log = join(project, 'engine.log');
  const engine = autopilotCommand(['run', join(project, 'study.yaml'), '--project', project]);
  const wrapped = `--wrap=${engine.map(shellText).join(' ')}`;
  const said = slurm('sbatch', '--wait', '--exclusive', ...parameters, `--output=${log}`, wrapped);
  return existsSync(log) ? readFileSync(log, 'utf8') : said;
}

/** The hosts that ranks wrote their heartbeats from. */
function hostsOf(project: string): string[] {
  const runs = join(project, 'runs');
  const beats = readdirSync(runs, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /heartbeats\/.*rank-\d+\.json$/.test(path),
  );
  const hosts = beats.map((path) => String(JSON.parse(readFileSync(join(runs, path), 'utf8')).host));
  return [...new Set(hosts)].sort();
}
