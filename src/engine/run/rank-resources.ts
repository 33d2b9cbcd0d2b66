import type { ProgramStart } from '../../config/command-start.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { rankDevices } from '../../protocol/rank-devices.ts';

export interface RankResourcesOptions {
  config: Pick<ResolvedStudyConfig, 'placement' | 'memory' | 'compute' | 'trainer'>;
  start: ProgramStart;
  /** nvidia-smi indices of this host's GPUs that the run has to itself; null if none were assigned. */
  given: readonly number[] | null;
  /** Threads for a command if the study sets none: its share of the cores; null leaves them to the command. */
  share: number | null;
}

/** Environment variables that tell a run's processes which devices, memory and threads they may use. */
export function rankResources({ config, start, given, share }: RankResourcesOptions): Record<string, string> {
  const { compute, trainer } = config;
  if (trainer.kind === 'simulated') return {};
  const threads = trainer.kind === 'command' ? (compute.threads ?? share) : null;
  return {
    ...(threads === null ? {} : { OMP_NUM_THREADS: String(threads) }),
    ...gpuMemory(config),
    ...devicesOf(config, { start, given }),
  };
}

/** Node options for the embedded trainer's processes. */
export function nodeOptions({ memory }: Pick<ResolvedStudyConfig, 'memory'>): string[] {
  return memory.heapMb === undefined ? [] : [`--max-old-space-size=${memory.heapMb}`];
}

function gpuMemory({ memory, trainer }: RankResourcesOptions['config']): Record<string, string> {
  const gpu = memory.gpu ?? (trainer.kind === 'embedded' ? 'grow' : undefined);
  if (gpu === undefined) return {};
  return {
    TF_FORCE_GPU_ALLOW_GROWTH: String(gpu === 'grow'),
    ...(trainer.kind === 'command' ? { XLA_PYTHON_CLIENT_PREALLOCATE: String(gpu === 'reserve') } : {}),
  };
}

function devicesOf(
  { placement }: RankResourcesOptions['config'],
  { start, given }: Pick<RankResourcesOptions, 'start' | 'given'>,
): Record<string, string> {
  const devices = given !== null && placement.devices !== 'all' ? given : placement.devices;
  // Makes CUDA number GPUs as nvidia-smi does; its default order is by speed.
  const order = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };
  if (devices === 'all') return given === null ? {} : { ...order, CUDA_VISIBLE_DEVICES: given.join(',') };
  if (devices === 'none') return { CUDA_VISIBLE_DEVICES: '' };
  // A process learns its rank on its host only when it starts.
  if (start === 'perRank') return { ...order, [rankDevices]: devices === 'localRank' ? devices : devices.join(',') };
  return devices === 'localRank' ? {} : { ...order, CUDA_VISIBLE_DEVICES: devices.join(',') };
}
