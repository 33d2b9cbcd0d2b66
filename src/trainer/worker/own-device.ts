import { spawnSync } from 'node:child_process';
import { localRankVariables, rankDevices } from '../../protocol/rank-devices.ts';

/**
 * Leaves this rank only its own GPU, before anything looks for GPUs: the ranks of a host take the host's GPUs in turn.
 * Returns the GPU's number; null where the study says nothing or the host has none.
 */
export function takeOwnDevice(environment: NodeJS.ProcessEnv = process.env, present = presentDevices): string | null {
  const asked = environment[rankDevices];
  if (asked === undefined) return null;
  const devices = asked === 'localRank' ? present(environment) : asked.split(',');
  if (devices.length === 0) return null;
  // A process that plays all workers may itself be started inside some other job.
  const ranked = environment.AUTOPILOT_EXPECT === undefined ? undefined : localRankOf(environment);
  const own = devices[(ranked ?? 0) % devices.length] ?? null;
  if (own !== null) environment.CUDA_VISIBLE_DEVICES = own;
  return own;
}

function localRankOf(environment: NodeJS.ProcessEnv): number | undefined {
  const name = localRankVariables.find((each) => environment[each] !== undefined);
  return name === undefined ? undefined : Number(environment[name]);
}

/** The GPUs that a scheduler left to this process, or else those that the driver shows. */
function presentDevices({ CUDA_VISIBLE_DEVICES: left }: NodeJS.ProcessEnv): string[] {
  if (left !== undefined) return left === '' ? [] : left.split(',');
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter((line) => /^\d+$/.test(line));
}
