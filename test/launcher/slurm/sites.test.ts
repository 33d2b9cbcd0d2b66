import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launcherConfig, type SlurmLauncherConfig } from '../../../src/config/sections/launcher.ts';
import type { Job } from '../../../src/launcher/launcher.ts';
import { slurmLauncher } from '../../../src/launcher/slurm/launcher.ts';
import { submitEnvironment, submittedId } from '../../../src/launcher/slurm/queue.ts';
import { hasSlurm, slurm, startSlurm, type TestSlurm } from '../../support/slurm.ts';
import { tinyRun } from '../../support/tiny-run.ts';
import { appears } from '../launcher-contract.ts';

function config(fields: Partial<SlurmLauncherConfig> = {}): SlurmLauncherConfig {
  return launcherConfig.parse({ kind: 'slurm', pollSeconds: 0.3, ...fields }) as SlurmLauncherConfig;
}

/** A user's command that starts its workers itself: a shell script. */
function commandOf(script: string, workers = 1): Job {
  const job = tinyRun({ workers });
  const { program, runDirectory } = job;
  const command = ['sh', '-c', script];
  return { ...job, program: { ...program, command, directory: runDirectory, start: 'once', masterPort: 20_000 } };
}

const path = process.env.PATH;
/** As sites wrap it: this `sbatch` comes before Slurm's own on the PATH, and finds that as `real`. */
function wrapSbatch(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
  const real = slurm('sh', '-c', 'command -v sbatch');
  writeFileSync(join(folder, 'sbatch'), `#!/bin/bash\nreal=${real}\n${text}\n`);
  chmodSync(join(folder, 'sbatch'), 0o755);
  process.env.PATH = `${folder}:${path}`;
}

describe.skipIf(!hasSlurm())('a Slurm as sites have it', { timeout: 180_000 }, () => {
  let cluster: TestSlurm;
  beforeAll(() => {
    cluster = startSlurm();
  });
  afterAll(() => cluster?.stop());
  afterEach(() => {
    process.env.PATH = path;
  });

  it.each([
    [
      'says it in words',
      'id=$($real "$@") || exit; echo "INFO: charged to project X"; echo "Submitted batch job $id on cluster test"',
    ],
    [
      'greets, and names its own cluster',
      'echo "--- Welcome ---"; echo "--> Verifying account...OK"; $real "$@" | sed "s/$/;test/"',
    ],
    ['says nothing of the job at all', '$real "$@" > /dev/null && echo "Thank you."'],
  ])('finds the job that it submitted once where sbatch %s', async (_, wrapper) => {
    wrapSbatch(wrapper);
    const job = commandOf('exit 0');
    const launched = await slurmLauncher(config()).start(job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
    expect(slurm('squeue', '--noheader', '--states=all', `--name=${job.attempt}`).split('\n')).toHaveLength(1);
  });

  it('asks the cluster that has the job, and believes the job itself where that does not answer', async () => {
    wrapSbatch('$real "$@" | sed "s/$/;other/"');
    const job = commandOf('exit 3');
    const launched = await slurmLauncher(config()).start(job);
    expect(launched.handle).toMatchObject({ jobId: expect.stringMatching(/^\d+;other$/) });
    expect(await launched.exited).toEqual({ state: 'exited', code: 3 });
    expect(slurm('squeue', '--noheader', '--states=all', `--name=${job.attempt}`).split('\n')).toHaveLength(1);
  });

  it('warns a command that starts its workers itself before the time limit, and puts it back into the queue', async () => {
    const job = commandOf(
      `if [ -e saved ]; then exit 0; fi
       trap 'touch saved; exit 143' TERM
       while :; do sleep 0.2; done`,
    );
    const launched = await slurmLauncher(config({ time: '1', warnSeconds: 5, requeues: 1 })).start(job);
    expect(await launched.exited).toEqual({ state: 'exited', code: 0 });
  });

  it('asks such a command to end', async () => {
    const job = commandOf(`trap 'touch asked; exit 0' TERM; touch ready; while :; do sleep 0.2; done`);
    const launched = await slurmLauncher(config()).start(job);
    await appears(join(job.runDirectory, 'ready'));
    await launched.stop({ graceMs: 60_000 });
    expect(readFileSync(join(job.runDirectory, 'asked'), 'utf8')).toBe('');
  });

  it('tells a command how many of its tasks a node has, as Lightning insists', async () => {
    const job = commandOf('echo "$SLURM_NTASKS $SLURM_NTASKS_PER_NODE" > tasks', 2);
    await (await slurmLauncher(config()).start(job)).exited;
    expect(readFileSync(join(job.runDirectory, 'tasks'), 'utf8')).toBe('2 2\n');
  });

  it('honours the user’s profile, where the study says nothing else', async () => {
    process.env.SBATCH_PARTITION = 'high';
    process.env.SBATCH_ARRAY_INX = '1-3';
    process.env.SBATCH_EXPORT = 'NONE';
    try {
      const job = commandOf(
        'echo "$SLURM_JOB_PARTITION" >> partition; srun --mpi=none sh -c \'echo "$AUTOPILOT_RUN" > run\'',
      );
      await (await slurmLauncher(config()).start(job)).exited;
      expect(readFileSync(join(job.runDirectory, 'partition'), 'utf8')).toBe('high\n');
      expect(readFileSync(join(job.runDirectory, 'run'), 'utf8')).toBe(`${job.runDirectory}\n`);
      const other = commandOf('echo "$SLURM_JOB_PARTITION" >> partition');
      await (await slurmLauncher(config({ partition: 'low' })).start(other)).exited;
      expect(readFileSync(join(other.runDirectory, 'partition'), 'utf8')).toBe('low\n');
    } finally {
      for (const name of ['PARTITION', 'ARRAY_INX', 'EXPORT']) delete process.env[`SBATCH_${name}`];
    }
  });
});

it.each([
  ['3\n', '3'],
  ['3;here\n', '3;here'],
  ['Welcome, it is 2026\n--> OK\n12;a-b\n', '12;a-b'],
  ['Submitted batch job 7\n', '7'],
  ['INFO: 5 hours left\nSubmitted batch job 7 on cluster big\n', '7;big'],
  ['Thank you.\n', null],
])('reads the id that sbatch printed: %j', (text, id) => {
  expect(submittedId(text)).toBe(id);
});

it('lets the study’s own options count for more than variables', () => {
  process.env.SBATCH_TIMELIMIT = '5';
  process.env.SBATCH_ACCOUNT = 'mine';
  try {
    const environment = submitEnvironment('#!/bin/bash\n#SBATCH --time=10\n');
    expect(environment).not.toHaveProperty('SBATCH_TIMELIMIT');
    expect(environment).toHaveProperty('SBATCH_ACCOUNT', 'mine');
  } finally {
    delete process.env.SBATCH_TIMELIMIT;
    delete process.env.SBATCH_ACCOUNT;
  }
});

describe('no text becomes a line of the script', () => {
  it.each(['account', 'partition', 'qos', 'gres', 'constraint', 'memory', 'time'])(
    'refuses a line break in %s',
    (field) => {
      const parsed = launcherConfig.safeParse({ kind: 'slurm', [field]: 'gpu\ntouch it' });
      expect(parsed.error?.issues).toMatchObject([{ path: [field], message: expect.stringContaining('one line') }]);
    },
  );

  it('refuses one in an sbatch option, and a variable that no shell can set', () => {
    const extra = launcherConfig.safeParse({ kind: 'slurm', extraArguments: ['--foo\ntouch it'] });
    expect(extra.error?.issues).toMatchObject([{ path: ['extraArguments', 0] }]);
    const named = launcherConfig.safeParse({ kind: 'slurm', environment: { 'A B;id': 'x' } });
    expect(named.error?.issues).toMatchObject([{ path: ['environment', 'A B;id'] }]);
  });

  it('quotes every value, and ends no text early', () => {
    const job = { ...tinyRun({ workers: 2 }), attempt: 'a' };
    const command = ['python3', '-c', 'print(1)\nAUTOPILOT\ntouch it'];
    const script = slurmLauncher(config({ account: 'a "b"; id', environment: { X: "a'b\nc" } })).describe({
      ...job,
      program: { ...job.program, command, masterPort: 20_000 },
    });
    expect(script).toContain('#SBATCH --account="a \\"b\\"; id"\n');
    expect(script).toContain("export X='a'\\''b\nc'\n");
    expect(script).toContain("<< 'AUTOPILOT_'\n");
  });

  it('refuses a folder whose name holds one', () => {
    const { program, ...job } = tinyRun({ workers: 1 });
    const describe = () => slurmLauncher(config()).describe({ ...job, program: { ...program, directory: '/a\n/b' } });
    expect(describe).toThrow(/holds a line break/);
  });
});
