import { dirname } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { onHost, runProgram, shellWords } from './remote-shell.ts';

/** A local file, its path on each host, and the checksum it must have. */
export interface FileToCopy {
  from: string;
  to: string;
  sha256: string;
}

export interface CopyOptions {
  how: 'rsync' | 'scp';
  shell: string;
  host: string;
  files: readonly FileToCopy[];
}

/**
 * Copies the files that a host lacks. Checksums are compared there before (a shared file is never copied onto itself)
 * and after. Returns the paths that were copied. Errors name the host.
 */
export async function copyToHost(options: CopyOptions): Promise<string[]> {
  const { how, host, files } = options;
  const lacking = await lackingOn(options);
  if (lacking.length === 0) return [];
  await (how === 'rsync' ? byRsync : byScp)({ ...options, files: lacking });
  const still = await lackingOn({ ...options, files: lacking });
  if (still.length > 0) {
    throw failed(host, `after copying with ${how}, ${still[0]?.to} differs from the file here`, 'check its disk');
  }
  return files.filter((file) => lacking.includes(file)).map(({ to }) => to);
}

/** The files that are missing or different on the host. */
export async function lackingOn({ shell, host, files }: Omit<CopyOptions, 'how'>): Promise<FileToCopy[]> {
  const list = files.map(({ sha256, to }) => `${sha256}  ${to}\n`).join('');
  const { code, output, complaint } = await onHost(shell, host, 'sha256sum --check - 2> /dev/null; echo checked', list);
  if (!output.split('\n').includes('checked')) {
    throw failed(
      host,
      `"${shell} ${host}" ${code === null ? 'cannot be started' : `ended with exit code ${code}`}${complaint === '' ? '' : ` (${complaint})`}`,
      'it must run a command there without asking for a password; correct deploy.shell or launcher.hostfile',
    );
  }
  const right = new Set(output.split('\n').flatMap((line) => (line.endsWith(': OK') ? [line.slice(0, -4)] : [])));
  return files.filter(({ to }) => !right.has(to));
}

async function byRsync({ shell, host, files }: CopyOptions): Promise<void> {
  // One call for each root: rsync puts `/a/b` below it as `a/b`, and creates the folders.
  for (const [root, its] of byRoot(files)) {
    const list = its.map(({ from }) => `${from}\n`).join('');
    const made = await onHost(shell, host, `mkdir -p ${shellText(root)}`);
    if (made.code !== 0)
      throw failed(host, `${root} cannot be created (${made.complaint})`, 'choose another deploy.directory');
    const command = [
      'rsync',
      '--times',
      '--no-implied-dirs',
      '--files-from=-',
      `--rsh=${shell}`,
      '/',
      `${host}:${root}`,
    ];
    const { code, complaint } = await runProgram(command, list);
    if (code !== 0)
      throw failed(
        host,
        `rsync ${endedWith(code, complaint)}`,
        'rsync has to be installed on both hosts; or set deploy.copy to scp',
      );
  }
}

/** `/disk/` for a file that goes from `/a/b` to `/disk/a/b`. */
function rootOf({ from, to }: FileToCopy): string {
  return `${to.slice(0, to.length - from.length)}/`;
}

function byRoot(files: readonly FileToCopy[]): Map<string, FileToCopy[]> {
  const roots = new Map<string, FileToCopy[]>();
  for (const file of files) roots.set(rootOf(file), [...(roots.get(rootOf(file)) ?? []), file]);
  return roots;
}

async function byScp({ shell, host, files }: CopyOptions): Promise<void> {
  const [program = 'ssh', ...options] = shellWords(shell);
  const folders = [...new Set(files.map(({ to }) => dirname(to)))];
  const made = await onHost(shell, host, `mkdir -p ${folders.map(shellText).join(' ')}`);
  if (made.code !== 0)
    throw failed(host, `a folder cannot be created there (${made.complaint})`, 'choose another deploy.directory');
  // ssh's -p is scp's -P; the other options are the same.
  const same = options.map((option) => (option === '-p' ? '-P' : option));
  for (const { from, to } of files) {
    const { code, complaint } = await runProgram(['scp', '-q', '-S', program, ...same, from, `${host}:${to}.part`]);
    if (code !== 0)
      throw failed(host, `scp of ${from} ${endedWith(code, complaint)}`, 'check that scp works to that host');
  }
  const moves = files.map(({ to }) => `mv -f ${shellText(`${to}.part`)} ${shellText(to)}`).join(' && ');
  const moved = await onHost(shell, host, moves);
  if (moved.code !== 0)
    throw failed(host, `a file cannot be put in place (${moved.complaint})`, 'check the permissions there');
}

function endedWith(code: number | null, complaint: string): string {
  const how = code === null ? 'cannot be started' : `ended with exit code ${code}`;
  return complaint === '' ? how : `${how} (${complaint})`;
}

function failed(host: string, what: string, fix: string): AutopilotError {
  return new AutopilotError('deploy.copy', `Host ${host}: ${what}. ${fix[0]?.toUpperCase()}${fix.slice(1)}.`);
}
