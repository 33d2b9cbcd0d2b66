import { execFile } from 'node:child_process';

/** A command of Slurm: what it printed, or how it failed. */
type Answer = { ok: true; text: string } | { ok: false; text: string };

/** What the queue knows of a job. */
export type QueueEntry =
  | {
      known: true;
      /** Slurm's word: PENDING, RUNNING, COMPLETED … */
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

export interface SlurmQueue {
  submit(script: string): Promise<{ jobId: string } | { refused: string; forGood: boolean }>;
  entryOf(jobId: string): Promise<QueueEntry>;
  /** The id of the job with this name, newest first; null when Slurm has none. */
  findByName(name: string): Promise<string | null | 'unreachable'>;
  /** To the steps (the ranks) only, unless `whole`. */
  signal(jobId: string, signal: string, options?: { whole?: boolean }): Promise<void>;
  cancel(jobId: string): Promise<void>;
  /** Slurm holds a requeued job back for two minutes; this lets it run as soon as there is room. */
  startNow(jobId: string): Promise<void>;
}

/** The queue of the Slurm that this host belongs to, through its command-line tools. */
export function slurmQueue(): SlurmQueue {
  return {
    submit,
    entryOf,
    findByName,
    async signal(jobId, signal, { whole = false } = {}) {
      await ask('scancel', [`--signal=${signal}`, ...(whole ? ['--full'] : []), jobId]);
    },
    async cancel(jobId) {
      await ask('scancel', [jobId]);
    },
    async startNow(jobId) {
      await ask('scontrol', ['update', `JobId=${jobId}`, 'StartTime=now']);
    },
  };
}

async function submit(script: string): Promise<{ jobId: string } | { refused: string; forGood: boolean }> {
  const answer = await ask('sbatch', ['--parsable'], script);
  const jobId = /^(\d+)(;|$)/m.exec(answer.text)?.[1];
  if (answer.ok && jobId !== undefined) return { jobId };
  return { refused: firstLine(answer.text), forGood: !passing.test(answer.text) };
}

/** Refusals that later go away: the controller is down or busy, a partition is closed, a limit on queued jobs is reached. */
const passing =
  /unable to contact|connection refused|timed out|temporarily|try again|slurm_load|QOSMax|MaxSubmit|job submit limit|Zero Bytes|communication|inactive or drain|not available now/i;

async function entryOf(jobId: string): Promise<QueueEntry> {
  const answer = await ask('scontrol', ['show', 'job', '-o', jobId]);
  if (answer.ok) return readEntry(answer.text);
  if (!/Invalid job id/i.test(answer.text)) return 'unreachable';
  return entryFromAccounting(jobId);
}

/** `scontrol` forgets a job minutes after its end; accounting, where it is kept, does not. */
async function entryFromAccounting(jobId: string): Promise<QueueEntry> {
  const answer = await ask('sacct', [
    '--allocations',
    '--parsable2',
    '--noheader',
    '--format=State,ExitCode',
    '--jobs',
    jobId,
  ]);
  const [state, exit] = answer.ok ? (answer.text.trim().split('\n').at(-1) ?? '').split('|') : [];
  if (!state || !exit) return { known: false };
  return { known: true, state: state.split(' ')[0] ?? state, reason: '', restarts: 0, ...readExit(exit) };
}

async function findByName(name: string): Promise<string | null | 'unreachable'> {
  const answer = await ask('squeue', ['--noheader', '--states=all', `--name=${name}`, '--format=%i']);
  if (!answer.ok) return 'unreachable';
  const queued = newestOf(answer.text);
  if (queued !== null) return queued;
  const kept = await ask('sacct', [
    '--allocations',
    '--parsable2',
    '--noheader',
    '--format=JobID',
    '--starttime=now-30days',
    `--name=${name}`,
  ]);
  return kept.ok ? newestOf(kept.text) : null;
}

/** The highest of the job ids, one a line: accounting lists them in no certain order. */
function newestOf(lines: string): string | null {
  const ids = lines.trim().split('\n').filter(Boolean).map(Number);
  return ids.length === 0 ? null : String(Math.max(...ids));
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

/** Variables of an allocation that the engine itself runs in would leak into the jobs it submits. */
function outsideAllocation(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(SLURM|SBATCH|SRUN|PMI|PMIX|OMPI_COMM|OMPI_UNIVERSE|PRTE|ORTE)_/.test(name) || name === 'SLURM_CONF',
    ),
  );
}

function ask(command: string, parameters: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...parameters],
      { env: outsideAllocation(), timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
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
