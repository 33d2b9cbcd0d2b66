import { execFile } from 'node:child_process';

/** The answer of a Slurm command: what it printed, or how it failed. */
type Answer = { ok: true; text: string } | { ok: false; text: string };

/** What the queue knows about a job. */
export type QueueEntry =
  | {
      known: true;
      /** Slurm's name for it: PENDING, RUNNING, COMPLETED … */
      state: string;
      reason: string;
      exitCode: number;
      signal: number;
      restarts: number;
    }
  /** Slurm answered, and has no such job (any more). */
  | { known: false }
  /** Slurm did not answer: ask again later. */
  | 'unreachable';

/** The result of a submission. `unnamed`: Slurm accepted the job, but the output does not give its id. */
export type Submission = { jobId: string } | { unnamed: string } | { refused: string; permanent: boolean };

/** A `jobId` has the form of `sbatch --parsable`: `12`, or `12;other` for a job on another cluster of a federation. */
export interface SlurmQueue {
  submit(script: string): Promise<Submission>;
  entryOf(jobId: string): Promise<QueueEntry>;
  /** The id of the newest job with this name; null when Slurm has none. */
  findByName(name: string): Promise<string | null | 'unreachable'>;
  /** Signals only the steps (the ranks), only the shell that runs the job's script (`script`), or all (`whole`). */
  signal(jobId: string, signal: string, to?: 'steps' | 'script' | 'whole'): Promise<void>;
  cancel(jobId: string): Promise<void>;
  /** Lets a requeued job, which Slurm holds back for two minutes, run as soon as there is room. */
  startNow(jobId: string): Promise<void>;
}

/**
 * The queue of the Slurm that this host belongs to, through its command-line tools. `clusters`: where jobs are
 * submitted, in the form of `sbatch --clusters`. Default: the user's SBATCH_CLUSTERS, or this cluster.
 */
export function slurmQueue({
  clusters = process.env.SBATCH_CLUSTERS,
}: {
  clusters?: string | undefined;
} = {}): SlurmQueue {
  return {
    submit,
    entryOf,
    findByName: (name) => findByName(name, clusters === undefined ? [] : [`--clusters=${clusters}`]),
    async signal(jobId, signal, to = 'steps') {
      const whom = { steps: [], script: ['--batch'], whole: ['--full'] }[to];
      await askAbout(jobId, 'scancel', (id) => [`--signal=${signal}`, ...whom, id]);
    },
    async cancel(jobId) {
      await askAbout(jobId, 'scancel', (id) => [id]);
    },
    async startNow(jobId) {
      await askAbout(jobId, 'scontrol', (id) => ['update', `JobId=${id}`, 'StartTime=now']);
    },
  };
}

async function submit(script: string): Promise<Submission> {
  const answer = await ask('sbatch', ['--parsable'], { input: script, environment: submitEnvironment(script) });
  const jobId = submittedId(answer.text);
  if (answer.ok && jobId !== null) return { jobId };
  if (answer.ok) return { unnamed: firstLine(answer.text) };
  return { refused: firstLine(answer.text), permanent: !passing.test(answer.text) };
}

/** The job's id in the output of sbatch or of a site's wrapper around it; null if there is none. */
export function submittedId(text: string): string | null {
  const parsable = [...text.matchAll(/^(\d+(?:;[\w.-]+)?)\s*$/gm)].at(-1)?.[1];
  if (parsable !== undefined) return parsable;
  const said = /Submitted batch job (\d+)(?: on cluster ([\w.-]+))?/.exec(text);
  if (said === null) return null;
  return said[2] === undefined ? said[1]! : `${said[1]};${said[2]}`;
}

let own: Promise<string> | undefined;

/** The name of the cluster that this host belongs to; empty where Slurm does not say. */
async function ownCluster(): Promise<string> {
  own ??= ask('scontrol', ['show', 'config']).then((answer) => {
    if (!answer.ok) own = undefined;
    return /^ClusterName\s*=\s*(\S+)/m.exec(answer.text)?.[1] ?? '';
  });
  return own;
}

/** Asks a command about a job, on the cluster that has it. */
async function askAbout(jobId: string, command: string, parameters: (id: string) => string[]): Promise<Answer> {
  const [id = '', cluster] = jobId.split(';');
  const elsewhere = cluster !== undefined && cluster !== (await ownCluster());
  return ask(command, [...(elsewhere ? [`--clusters=${cluster}`] : []), ...parameters(id)]);
}

/** Temporary refusals: the controller is down or busy, a partition is closed, a limit on queued jobs is reached. */
const passing =
  /unable to contact|connection refused|timed out|temporarily|try again|slurm_load|QOSMax|MaxSubmit|job submit limit|Zero Bytes|communication|inactive or drain|not available now/i;

async function entryOf(jobId: string): Promise<QueueEntry> {
  const answer = await askAbout(jobId, 'scontrol', (id) => ['show', 'job', '-o', id]);
  if (answer.ok) return readEntry(answer.text);
  if (!/Invalid job id/i.test(answer.text)) return 'unreachable';
  return entryFromAccounting(jobId);
}

/** `scontrol` forgets a job minutes after its end; accounting, where it is kept, does not. */
async function entryFromAccounting(jobId: string): Promise<QueueEntry> {
  const answer = await askAbout(jobId, 'sacct', (id) => [
    '--allocations',
    '--parsable2',
    '--noheader',
    '--format=State,ExitCode',
    '--jobs',
    id,
  ]);
  const [state, exit] = answer.ok ? (answer.text.trim().split('\n').at(-1) ?? '').split('|') : [];
  if (!state || !exit) return { known: false };
  return { known: true, state: state.split(' ')[0] ?? state, reason: '', restarts: 0, ...readExit(exit) };
}

async function findByName(name: string, where: readonly string[]): Promise<string | null | 'unreachable'> {
  const answer = await ask('squeue', [...where, '--noheader', '--states=all', `--name=${name}`, '--format=%i']);
  if (!answer.ok) return 'unreachable';
  const queued = newestOf(answer.text);
  if (queued !== null) return queued;
  const kept = await ask('sacct', [
    ...where,
    '--allocations',
    '--parsable2',
    '--noheader',
    '--format=JobID',
    '--starttime=now-30days',
    `--name=${name}`,
  ]);
  return kept.ok ? newestOf(kept.text) : null;
}

/** The highest job id: one per line, below their cluster's name if there are several; accounting does not sort them. */
function newestOf(lines: string): string | null {
  let cluster = '';
  const jobs = lines.split('\n').flatMap((line) => {
    cluster = /^CLUSTER: (\S+)/.exec(line)?.[1] ?? cluster;
    const id = /^\s*(\d+)\s*$/.exec(line)?.[1];
    return id === undefined ? [] : [{ id, of: cluster === '' ? '' : `;${cluster}` }];
  });
  const newest = jobs.sort((a, b) => Number(a.id) - Number(b.id)).at(-1);
  return newest === undefined ? null : `${newest.id}${newest.of}`;
}

/** Reads the one-line form of `scontrol show job -o`. */
export function readEntry(text: string): QueueEntry {
  const field = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(text)?.[1] ?? '';
  if (field('JobState') === '') return { known: false };
  return {
    known: true,
    state: field('JobState'),
    reason: field('Reason'),
    restarts: Number(field('Restarts') || 0),
    ...readExit(field('ExitCode')),
  };
}

function readExit(text: string): { exitCode: number; signal: number } {
  const [exitCode = 0, signal = 0] = text.split(':').map(Number);
  return { exitCode, signal };
}

/**
 * The environment of Slurm's commands. Variables of an allocation that the engine itself runs in would leak into the
 * jobs that it submits; outside of one, SBATCH and SRUN variables are the user's own.
 */
function outsideAllocation(): NodeJS.ProcessEnv {
  const inside = process.env.SLURM_JOB_ID !== undefined;
  const leaking = inside
    ? /^(SLURM|SBATCH|SRUN|PMI|PMIX|OMPI_COMM|OMPI_UNIVERSE|PRTE|ORTE)_/
    : /^(SLURM_(?!CLUSTERS$)|(PMI|PMIX|OMPI_COMM|OMPI_UNIVERSE|PRTE|ORTE)_)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !leaking.test(name) || name === 'SLURM_CONF'),
  );
}

/** Options whose environment variable has another name (sbatch(1)). */
const variablesOf: Record<string, readonly string[]> = {
  time: ['TIMELIMIT'],
  mem: ['MEM_PER_NODE', 'MEM_PER_CPU', 'MEM_PER_GPU'],
  requeue: ['REQUEUE', 'NO_REQUEUE'],
};

/** For sbatch, variables override the script: leaves out those of options in the script and of other kinds of jobs. */
export function submitEnvironment(script: string): NodeJS.ProcessEnv {
  const said = [...script.matchAll(/^#SBATCH --([a-z-]+)/gm)].map(([, option = '']) => option);
  const names = ['wait', 'array-inx', 'error', ...said];
  const out = new Set(
    names
      .flatMap((option) => variablesOf[option] ?? [option.replaceAll('-', '_').toUpperCase()])
      .map((name) => `SBATCH_${name}`),
  );
  return Object.fromEntries(Object.entries(outsideAllocation()).filter(([name]) => !out.has(name)));
}

interface AskOptions {
  input?: string;
  environment?: NodeJS.ProcessEnv;
}

function ask(
  command: string,
  parameters: readonly string[],
  { input = '', environment = outsideAllocation() }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...parameters],
      { env: environment, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, text: stdout });
        else resolve({ ok: false, text: stderr.trim() === '' ? `${stdout}${error.message}` : stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '') ?? 'no reason given'
  );
}
