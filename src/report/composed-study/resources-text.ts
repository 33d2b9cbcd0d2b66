import { commandStart } from '../../config/command-start.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';

/** Which GPUs a rank gets, in words. */
export function devicesText({
  placement,
  launcher,
  trainer,
}: Pick<ResolvedStudyConfig, 'placement' | 'launcher' | 'trainer'>): string {
  const { devices } = placement;
  if (devices === 'all') return 'GPUs as the environment provides them';
  if (devices === 'none') return 'no GPU';
  if (launcher.kind === 'local' && trainer.kind === 'embedded') {
    return devices === 'localRank' ? "the host's first GPU, for all workers" : `GPU ${devices[0]}, for all workers`;
  }
  if (devices === 'localRank') return "the host's GPUs, one to each local rank in turn";
  const each =
    trainer.kind === 'command' && commandStart(trainer, launcher) !== 'perRank'
      ? 'shared out by the command'
      : 'one to each local rank in turn';
  return `GPUs ${devices.join(', ')}, ${each}`;
}

/** How much memory a process may take, in words. */
export function memoryText({ memory, trainer }: Pick<ResolvedStudyConfig, 'memory' | 'trainer'>): string {
  const gpu = memory.gpu ?? (trainer.kind === 'embedded' ? 'grow' : undefined);
  const ofGpu = {
    grow: 'GPU memory allocated as needed',
    reserve: 'GPU memory reserved at the start',
    own: 'GPU memory as the command manages it',
  }[gpu ?? 'own'];
  if (trainer.kind !== 'embedded') return ofGpu;
  const heap = memory.heapMb === undefined ? "node's own heap limit" : `heap of ${memory.heapMb} MiB per process`;
  return `${heap}, ${ofGpu}`;
}
