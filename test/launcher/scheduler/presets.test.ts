import { describe, expect, it } from 'vitest';
import {
  launcherConfig,
  type SchedulerLauncherConfig,
  type schedulerPresets,
} from '../../../src/config/sections/launcher.ts';
import { schedulerLauncher } from '../../../src/launcher/scheduler/launcher.ts';
import { presets } from '../../../src/launcher/scheduler/presets.ts';
import { meaningOf } from '../../../src/launcher/scheduler/queue.ts';
import { commandOf, filled, patternOf } from '../../../src/launcher/scheduler/template.ts';
import { tinyRun } from '../../support/tiny-run.ts';

type Preset = (typeof schedulerPresets)[number];

function config(fields: Partial<SchedulerLauncherConfig>): SchedulerLauncherConfig {
  return launcherConfig.parse({ kind: 'scheduler', ...fields }) as SchedulerLauncherConfig;
}

const asked = { nodes: 2, ranksPerNode: 2, cpusPerRank: 3, queue: 'gpu', account: 'brains', time: '90', memory: '8G' };

describe('the command that a preset submits with', () => {
  it.each<[Preset, string[]]>([
    ['gridEngine', ['qsub -terse', '-N study.r.1', '-pe smp 12', '-q gpu', '-P brains', 'h_rt=90', 'h_vmem=8G']],
    ['pbs', ['-N study.r.1', 'select=2:ncpus=6:mpiprocs=2:mem=8G', 'walltime=90', '-q gpu', '-A brains']],
    ['lsf', ['-J study.r.1', '-n 4', "'span[ptile=2]'", "'affinity[core(3)]'", '-q gpu', '-W 90', '-M 8G']],
    ['htcondor', ['-batch-name study.r.1', 'request_cpus=12', 'request_memory=8G', 'accounting_group=brains']],
    ['flux', ['--job-name=study.r.1', '--nslots=4', '--cores-per-slot=3', '--nodes=2', '--queue=gpu']],
    ['oar', ['-n study.r.1', 'nodes=2/core=6,walltime=90', '-q gpu', '--project brains']],
  ])('says for %s what the study asks for', (preset, parts) => {
    const job = { ...tinyRun({ workers: 4 }), attempt: 'study.r.1' };
    const [command = ''] = schedulerLauncher(config({ preset, ...asked }))
      .describe(job)
      .split('\n');
    for (const part of parts) expect(command).toContain(part);
    const [plain = ''] = schedulerLauncher(config({ preset })).describe(job).split('\n');
    expect(plain).not.toMatch(/gpu|brains|mem=|walltime|h_rt| -[WMAPq] |undefined|\{/);
  });
});

/** As the manuals print them. */
describe('what a preset reads in the answers of its scheduler', () => {
  it.each<[Preset, string, string[]]>([
    ['gridEngine', '12\n', ['12']],
    ['gridEngine', 'Your job 12 ("study.r.1") has been submitted\n', ['12']],
    ['pbs', '1234.pbsserver\n', ['1234.pbsserver']],
    ['lsf', 'Job <715> is submitted to default queue <normal>.\n', ['715']],
    ['htcondor', '45.0 - 45.0\n', ['45']],
    ['flux', 'ƒ2b2sTmvs\n', ['ƒ2b2sTmvs']],
    ['oar', '[ADMISSION RULE] Modify resource description\nOAR_JOB_ID=42\n', ['42']],
    ['pbs', 'qsub: waiting\n', []],
  ])('%s: the id in %j', (preset, printed, ids) => {
    const found = [...printed.matchAll(new RegExp(patternOf(presets[preset].jobId, {}).source, 'gm'))];
    expect(found.map((match) => match.slice(1).find((group) => group !== undefined))).toEqual(ids);
  });

  it.each<[Preset, string, string]>([
    [
      'gridEngine',
      '<JB_job_number>112</JB_job_number><state>r</state> <JB_job_number>12</JB_job_number>\n<state>hqw</state>',
      'held',
    ],
    ['gridEngine', '<JB_job_number>12</JB_job_number>\n<state>qw</state>', 'waiting'],
    ['gridEngine', '<JB_job_number>12</JB_job_number>\n<state>dr</state>', 'running'],
    ['gridEngine', '<JB_job_number>12</JB_job_number>\n<state>Eqw</state>', 'held'],
    ['gridEngine', 'failed       100 : assumedly after job\nexit_status  137', 'cancelled'],
    ['gridEngine', 'failed       0    \nexit_status  3', 'ended'],
    ['pbs', 'Job Id: 12.s\n    job_state = Q\n', 'waiting'],
    ['pbs', '    job_state = F\n    Exit_status = 271\n', 'cancelled'],
    ['pbs', '    job_state = F\n    Exit_status = -29\n', 'timeLimit'],
    ['lsf', 'PEND|-\n', 'waiting'],
    ['lsf', 'RUN|-\n', 'running'],
    ['lsf', 'EXIT|TERM_RUNLIMIT: job killed after reaching LSF run time limit\n', 'timeLimit'],
    ['lsf', 'EXIT|TERM_OWNER: job killed by owner\n', 'cancelled'],
    ['htcondor', '2\n', 'running'],
    ['htcondor', '5\n', 'held'],
    ['htcondor', '3\n', 'cancelled'],
    ['flux', 'S||\n', 'waiting'],
    ['flux', 'R||\n', 'running'],
    ['flux', 'TO|TIMEOUT|timeout\n', 'timeLimit'],
    ['oar', '12: Running\n', 'running'],
    ['oar', '12: Terminated\n', 'ended'],
  ])('%s: %j means that it is %s', (preset, printed, meaning) => {
    const { state, states } = presets[preset];
    const found = state.map((each) => patternOf(each, { jobId: '12' }).exec(printed)).find((match) => match !== null);
    expect(meaningOf((found?.[1] ?? found?.[2] ?? '').trim(), states)).toBe(meaning);
  });
});

describe('a template', () => {
  it('keeps every value in its one word, whatever it holds', () => {
    const value = `a b\n"c" '$(id)' {name} *`;
    expect(commandOf(['run', '--name={value}', '{value}'], { value })).toEqual(['run', `--name=${value}`, value]);
  });

  it('leaves out what has no value', () => {
    const template = ['run', ['-q', '{queue}'], 'n=1{memory:+:mem=}{memory}', '{more}'];
    expect(commandOf(template, { queue: '', more: [] })).toEqual(['run', 'n=1']);
    expect(commandOf(template, { queue: 'q', memory: '1G', more: ['-x', 'y z'] })).toEqual([
      'run',
      '-q',
      'q',
      'n=1:mem=1G',
      '-x',
      'y z',
    ]);
  });

  it('writes a brace for two', () => {
    expect(filled('{{id} {a}', { a: '1' }, (text) => text)).toBe('{id} 1');
  });
});
