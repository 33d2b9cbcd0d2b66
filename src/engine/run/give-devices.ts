import { setTimeout as delay } from 'node:timers/promises';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { OnProgress } from '../../domain/progress.ts';
import { claimDevices, type HostDevice, hostDevices } from './host-devices.ts';

/** Milliseconds between checks for free devices. */
const lookMs = 1000;

export interface GiveDevicesOptions {
  config: Pick<ResolvedStudyConfig, 'launcher' | 'placement' | 'trainer'>;
  attempt: string;
  /** The run's key, for messages. */
  key: string;
  workers: number;
  /** Maximum number of concurrent runs. */
  concurrentRuns: number;
  signal: AbortSignal;
  say: OnProgress;
  devices?: () => HostDevice[];
}

/**
 * Waits for GPUs of this host that an attempt has to itself, and returns their indices, or `stopped` if it must end
 * first. Null if none are assigned: its processes run elsewhere, choose for themselves or use no GPU, or there is none.
 */
export async function giveDevices(options: GiveDevicesOptions): Promise<number[] | null | 'stopped'> {
  const { config, attempt, key, workers, concurrentRuns, signal, say, devices = hostDevices } = options;
  if (!areGiven(config)) return null;
  const { devices: wanted } = config.placement;
  const among = devices().filter(({ index }) => !Array.isArray(wanted) || wanted.includes(index));
  if (among.length === 0) return null;
  // Its share of the GPUs, or one per worker as far as they go, whichever is more.
  const count = Math.max(1, Math.floor(among.length / concurrentRuns), Math.min(workers, among.length));
  for (let said = false; ; said = true) {
    const taken = claimDevices({ attempt, among, count });
    if (taken !== null) return taken.map(({ index }) => index);
    const these = count === 1 ? 'a GPU' : `${count} GPUs`;
    if (!said) say({ type: 'waiting', reason: `${key} is waiting for ${these} of this host in use by other runs` });
    await delay(lookMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return 'stopped';
  }
}

/** Whether the engine chooses the devices of this study's processes. */
function areGiven({ launcher, placement, trainer }: GiveDevicesOptions['config']): boolean {
  const here = launcher.kind === 'local' || (launcher.kind === 'mpi' && launcher.hostfile === undefined);
  if (!here || placement.devices === 'none' || trainer.kind === 'simulated') return false;
  // The embedded trainer computes without a GPU unless it is assigned some.
  if (trainer.kind === 'embedded') return placement.devices !== 'all';
  return !('CUDA_VISIBLE_DEVICES' in trainer.environment);
}
