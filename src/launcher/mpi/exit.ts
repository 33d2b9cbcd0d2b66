import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Heartbeat } from '../../protocol/heartbeat-file.ts';
import type { ExitReport } from '../launcher.ts';
import { memoryComplaint, tail } from '../processes/out-of-memory.ts';

export interface MpiExitOptions {
  /** How mpirun itself ended. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** mpirun's own output. */
  log: string;
  /** Folder with the ranks' output. */
  rankLogs: string;
  /** The launcher's reason when it ended the job itself, such as a missing heartbeat. */
  lost: string | null;
  /** Whether the kernel has killed a process for its memory use meanwhile. */
  killedForMemory: boolean;
  /** The ranks' last heartbeats: MPICH's mpirun identifies a lost rank only by its process id. */
  heartbeats: readonly Pick<Heartbeat, 'rank' | 'pid'>[];
}

/** How a job ended, from mpirun's exit code and output. */
export function mpiExit({
  code,
  signal,
  log,
  rankLogs,
  lost,
  killedForMemory,
  heartbeats,
}: MpiExitOptions): ExitReport {
  if (code === 0 && signal === null) return { state: 'exited', code: 0 };
  const complaint = [log, ...rankErrors(rankLogs)].map(memoryComplaint).find((found) => found !== null);
  if (complaint) return { state: 'outOfMemory', message: complaint };
  if (lost !== null) return { state: 'workersLost', message: lost };
  if (signal === 'SIGKILL')
    return { state: 'workersLost', message: 'mpirun was killed (SIGKILL), and its ranks with it' };
  if (signal !== null) return { state: 'signalled', signal };
  const words = tail(log, 16_384);
  const refused = refusals.find(({ pattern }) => pattern.test(words));
  if (refused) return { state: 'notStarted', message: refused.message };
  const apart = folderNotSeen(words);
  if (apart !== null) return { state: 'notStarted', message: apart };
  const rank = /process rank (\d+) with PID \d+ on node (\S+) exited on signal (\d+)/.exec(words);
  if (rank)
    return rankSignalled({ rank: Number(rank[1]), node: rank[2] ?? '', signal: Number(rank[3]), killedForMemory });
  const hydra = /PID (\d+) RUNNING AT (\S+)[\s\S]*TERMINATED WITH THE EXIT STRING: .*\(signal (\d+)\)/.exec(words);
  if (hydra) {
    const rank = heartbeats.find(({ pid }) => pid === Number(hydra[1]))?.rank ?? null;
    return rankSignalled({ rank, node: hydra[2] ?? '', signal: Number(hydra[3]), killedForMemory });
  }
  const unreachable =
    /lost communication with (?:a )?remote daemon|daemon has (?:unexpectedly )?(?:failed|died)|connection .* lost/i;
  if (code === 205 || unreachable.test(words)) {
    return { state: 'workersLost', message: `a host of the job can no longer be reached: ${firstSentence(words)}` };
  }
  if (code === 137) return { state: 'workersLost', message: 'a rank was killed (SIGKILL)' };
  return { state: 'exited', code: code ?? 1 };
}

function rankSignalled({
  rank,
  node,
  signal,
  killedForMemory,
}: {
  /** Null if mpirun does not say which. */
  rank: number | null;
  node: string;
  signal: number;
  killedForMemory: boolean;
}): ExitReport {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
  const who = rank === null ? 'a rank' : `rank ${rank}`;
  if (name === 'SIGKILL' && killedForMemory) {
    return { state: 'outOfMemory', message: `the kernel killed ${who} because ${node} ran out of memory` };
  }
  if (name === 'SIGKILL' || name === 'SIGBUS')
    return { state: 'workersLost', message: `${who} on ${node} was ended by ${name}` };
  return { state: 'signalled', signal: name };
}

const refusals = [
  {
    pattern: /not enough slots available/,
    message: 'there are fewer slots than workers. Name more hosts in launcher.hostfile, or set launcher.oversubscribe',
  },
  {
    pattern: /unable to reliably start one or more daemons/,
    message:
      'a host of launcher.hostfile could not be reached. Check that ssh to it works without a password and that the same MPI is installed there',
  },
  {
    pattern: /could not (?:access|be found|find).*executable|unable to find the specified executable/i,
    message: 'the program does not exist on one of the hosts: it has to be at the same path everywhere',
  },
  {
    pattern: /[Uu]nrecognized argument|invalid (?:option|argument)|unknown option/,
    message: 'mpirun refuses an option. Check launcher.extraArguments',
  },
];

/** The sentence about a host that lacks its ranks' working directory, if Open MPI or MPICH reports one; else null. */
function folderNotSeen(words: string): string | null {
  const found =
    /Working directory: (?<folder>.+)\n\s*Node: (?<host>\S+)/.exec(words) ??
    /proxy:\S*@(?<host>[^\s\]]+)\].*unable to change wdir to (?<folder>\S+)/.exec(words);
  if (found?.groups === undefined) return null;
  const { host, folder } = found.groups;
  return `${host} does not see ${folder}. It has to be on a file system that every host sees; or, for the embedded trainer, set deploy.copy to rsync or scp`;
}

function firstSentence(words: string): string {
  return (
    words
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && !/^[-*]+$/.test(line)) ?? 'no reason given'
  );
}

/** The files of the ranks' standard error; mpirun numbers the folders by application, then by rank. */
function rankErrors(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('stderr'))
    .map((name) => join(directory, name));
}
