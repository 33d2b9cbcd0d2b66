import type { schedulerPresets } from '../../config/sections/launcher.ts';
import type { Templates } from './templates.ts';

/** Prints each host with its number of slots, from a file that names a host once for each of its slots. */
const counted = (file: string) => `sort "$${file}" | uniq -c | awk '{ print $2, $1 }'`;

/**
 * Grid Engine (Sun, Son of, Univa, Altair). Its parallel environment's slots are cores. `qstat` forgets ended jobs,
 * which `qacct` may know. Jobs are not rerunnable: a new attempt continues from the checkpoint, under its own name.
 */
const gridEngine: Templates = {
  submit: [
    // -C '': no line of the script is read as an option.
    ...['qsub', '-terse', '-V', '-r', 'n', '-C', '', '-S', '/bin/sh', '-j', 'y', '-o', '/dev/null', '-N', '{name}'],
    ...['-pe', '{parallelEnvironment}', '{slots}'],
    ['-q', '{queue}'],
    ['-P', '{account}'],
    ['-l', 'h_rt={time}'],
    ['-l', 'h_vmem={memory}'],
    ...['{extraArguments}', '{script}'],
  ],
  // -terse prints only the id; wrappers and older versions print: Your job 12 ("name") has been submitted.
  jobId: '^(\\d+)\\s*$|^Your job (\\d+) ',
  status: [
    ['qstat', '-xml', '-u', '{user}'],
    ['qacct', '-j', '{jobId}'],
  ],
  state: ['<JB_job_number>{jobId}</JB_job_number>[\\s\\S]*?<state>(\\w+)</state>', '^failed +(\\d+)'],
  unknown: 'do not exist|not found|no jobs running|accounting file',
  states: {
    waiting: '^(h?R?qw|hRwq|Rq)$',
    held: '^(h\\w*|E\\w*)$',
    running: '^(d?[rtR]+|d?[sST]\\w*|dr|dt)$',
    // 100: the job's script was killed by a signal, as by qdel; 37: at a limit.
    cancelled: '^100$',
    timeLimit: '^37$',
    workersLost: '^(19|20|21|22|26|29)$',
  },
  find: [
    ['qstat', '-j', '{name}'],
    ['qacct', '-j', '{name}'],
  ],
  foundId: '^job_?number:? +(\\d+)',
  cancel: ['qdel', '{jobId}'],
  hosts: `awk '{ print $1, $2 }' "$PE_HOSTFILE"`,
  values: { parallelEnvironment: 'smp' },
};

/** PBS Professional and OpenPBS. */
const pbs: Templates = {
  submit: [
    ...['qsub', '-V', '-r', 'n', '-C', '', '-S', '/bin/sh', '-j', 'oe', '-o', '/dev/null', '-N', '{name}'],
    ...['-l', 'select={nodes}:ncpus={coresPerNode}:mpiprocs={ranksPerNode}{memory:+:mem=}{memory}'],
    ['-l', 'walltime={time}'],
    ['-q', '{queue}'],
    ['-A', '{account}'],
    ...['{extraArguments}', '{script}'],
  ],
  jobId: '^(\\d+(?:\\.[\\w.-]+)?)\\s*$',
  status: [['qstat', '-x', '-f', '{jobId}']],
  // Exit_status 271 and 265: ended by SIGTERM or SIGKILL, as by qdel; -29: at its time limit.
  state: ['Exit_status = (-?\\d+)', 'job_state = (\\w)'],
  unknown: 'Unknown Job|has finished',
  states: {
    waiting: '^[QHWTM]$',
    held: '^H$',
    running: '^[RESUB]$',
    cancelled: '^(271|265)$',
    timeLimit: '^-29$',
    outOfMemory: '^-(27|28)$',
    workersLost: '^-(3|4|5|10|11)$',
  },
  find: [['qselect', '-x', '-N', '{name}']],
  foundId: '^(\\d+\\.\\S+)',
  cancel: ['qdel', '{jobId}'],
  hosts: counted('PBS_NODEFILE'),
};

/** IBM Spectrum LSF. */
const lsf: Templates = {
  submit: [
    ...['bsub', '-J', '{name}', '-n', '{workers}', '-o', '/dev/null', '-rn'],
    ...['-R', 'span[ptile={ranksPerNode}]', '-R', 'affinity[core({cpusPerRank})]'],
    ['-q', '{queue}'],
    ['-P', '{account}'],
    ['-W', '{time}'],
    ['-M', '{memory}'],
    '{extraArguments}',
  ],
  submitInput: ['exec /bin/sh {script}'],
  jobId: '^Job <(\\d+)>',
  status: [['bjobs', '-a', '-noheader', '-o', "stat exit_reason delimiter='|'", '{jobId}']],
  state: ['^(\\w+\\|?.*)$'],
  unknown: 'is not found|No matching job',
  states: {
    waiting: '^(PEND|WAIT|PSUSP|PROV)\\b',
    held: '^PSUSP\\b',
    running: '^(RUN|USUSP|SSUSP|UNKWN)\\b',
    cancelled: 'TERM_OWNER|TERM_ADMIN|TERM_FORCE',
    timeLimit: 'TERM_RUNLIMIT|TERM_DEADLINE|TERM_WINDOW',
    outOfMemory: 'TERM_MEMLIMIT|TERM_SWAP',
    workersLost: '^ZOMBI\\b|TERM_ZOMBIE|lost host',
  },
  find: [['bjobs', '-a', '-noheader', '-o', 'jobid', '-J', '{name}']],
  foundId: '^(\\d+)',
  cancel: ['bkill', '{jobId}'],
  hosts: counted('LSB_DJOB_HOSTFILE'),
};

/** HTCondor, vanilla universe: one machine that has room for all workers. */
const htcondor: Templates = {
  submit: [
    ...['condor_submit', '-terse', '-batch-name', '{name}'],
    ...['universe=vanilla', 'executable=/bin/sh', 'arguments="{condorScript}"', 'getenv=true'],
    ...['transfer_executable=false', 'should_transfer_files=NO', 'request_cpus={slots}', 'job_max_vacate_time=60'],
    ['request_memory={memory}'],
    ['accounting_group={account}'],
    // A job evicted from a machine is not restarted: the next attempt continues from the checkpoint.
    ...['max_retries=0', 'periodic_remove=NumJobStarts > 1', '{extraArguments}'],
  ],
  submitInput: ['queue'],
  jobId: '^(\\d+)\\.0 - ',
  status: [
    ['condor_q', '{jobId}', '-af:r', 'JobStatus'],
    ['condor_history', '{jobId}', '-limit', '1', '-af:r', 'JobStatus'],
  ],
  state: ['^(\\d)\\s*$'],
  unknown: 'not found',
  states: { waiting: '^[15]$', held: '^5$', running: '^[267]$', cancelled: '^3$' },
  find: [
    ['condor_q', '-constraint', 'JobBatchName == "{name}"', '-af:r', 'ClusterId'],
    ['condor_history', '-constraint', 'JobBatchName == "{name}"', '-limit', '1', '-af:r', 'ClusterId'],
  ],
  foundId: '^(\\d+)\\s*$',
  cancel: ['condor_rm', '{jobId}'],
};

/** Flux: its own launcher starts the ranks. */
const flux: Templates = {
  submit: [
    ...['flux', 'batch', '--job-name={name}', '--nslots={workers}', '--cores-per-slot={cpusPerRank}'],
    ...['--nodes={nodes}', '--output=/dev/null'],
    ['--time-limit={time}'],
    ['--queue={queue}'],
    ['--bank={account}'],
    ...['{extraArguments}', '{script}'],
  ],
  jobId: '^(\\S+)\\s*$',
  status: [['flux', 'jobs', '--no-header', '--format={{status_abbrev}|{{result}|{{exception.type}', '{jobId}']],
  state: ['^(\\w+\\|.*)$'],
  unknown: 'unknown job|not found|invalid',
  states: {
    waiting: '^(D|S|PD|P|DP)\\|',
    running: '^(R|C|CG)\\|',
    cancelled: '\\|CANCELED\\|',
    timeLimit: '\\|TIMEOUT\\|',
    workersLost: '\\|node-fail',
  },
  find: [['flux', 'jobs', '--no-header', '-a', '--name={name}', '--format={{id}']],
  foundId: '^(\\S+)\\s*$',
  cancel: ['flux', 'cancel', '{jobId}'],
  start: ['flux', 'run', '-n', '{processes}', '-c', '{coresPerProcess}', '-o', 'mpi=none'],
};

/** OAR. It passes no environment to its jobs: `setup` must set what they need. */
const oar: Templates = {
  submit: [
    ...['oarsub', '-n', '{name}', '-O', '/dev/null', '-E', '/dev/null'],
    ...['-l', 'nodes={nodes}/core={coresPerNode}{time:+,walltime=}{time}'],
    ['-q', '{queue}'],
    ['--project', '{account}'],
    ...['{extraArguments}', '/bin/sh {quotedScript}'],
  ],
  jobId: '^OAR_JOB_ID=(\\d+)',
  status: [['oarstat', '-s', '-j', '{jobId}']],
  state: ['^{jobId}: (\\w+)'],
  unknown: 'No job|not found',
  states: {
    waiting: '^(Waiting|Hold|toLaunch|toAckReservation|Suspended)$',
    held: '^Hold$',
    running: '^(Launching|Running|Finishing|Resuming)$',
  },
  find: [['oarstat', '--sql', "job_name = '{name}'"]],
  foundId: '^(\\d+)\\s',
  cancel: ['oardel', '{jobId}'],
  hosts: counted('OAR_NODEFILE'),
};

export const presets: Record<(typeof schedulerPresets)[number], Templates> = {
  gridEngine,
  pbs,
  lsf,
  htcondor,
  flux,
  oar,
};
