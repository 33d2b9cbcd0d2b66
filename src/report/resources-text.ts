import type { ResolvedStudyConfig } from '../config/resolve.ts';

/** Which GPUs a rank gets, in words. */
export function devicesText({ placement, launcher }: Pick<ResolvedStudyConfig, 'placement' | 'launcher'>): string {
  const { devices } = placement;
  if (devices === 'all') return 'GPUs as the environment leaves them';
  if (devices === 'none') return 'no GPU';
  const which = devices === 'localRank' ? "the host's GPUs" : `GPUs ${devices.join(', ')}`;
  return launcher.kind === 'local' ? `${which}, for one process` : `${which}, one to each local rank in turn`;
}

/** What a process may take of memory, in words. */
export function memoryText({ memory, trainer }: Pick<ResolvedStudyConfig, 'memory' | 'trainer'>): string {
  const gpu = memory.gpu ?? (trainer.kind === 'embedded' ? 'grow' : undefined);
  const ofGpu = {
    grow: 'GPU memory as it is needed',
    reserve: 'GPU memory reserved at the start',
    own: "GPU memory by the command's own way",
  }[gpu ?? 'own'];
  if (trainer.kind !== 'embedded') return ofGpu;
  const heap = memory.heapMb === undefined ? "node's own heap limit" : `heap of ${memory.heapMb} MiB per process`;
  return `${heap}, ${ofGpu}`;
}
