import type { ResolvedStudyConfig } from '../config/resolve.ts';

/** `GPU-hours` where each worker has a GPU of its own, as far as the config says. */
export function workerHoursWord({
  placement,
  trainer,
  launcher,
}: Pick<ResolvedStudyConfig, 'placement' | 'trainer' | 'launcher'>): string {
  const alone = launcher.kind === 'local' && trainer.kind === 'embedded';
  const given = placement.devices === 'localRank' || Array.isArray(placement.devices);
  const asked = launcher.kind === 'slurm' && /gpu/i.test(launcher.gres ?? '');
  return !alone && (given || asked) ? 'GPU-hours' : 'worker-hours';
}

/** `3.2 worker-hours`, two significant digits. */
export function workerHoursText(hours: number, word = 'worker-hours'): string {
  return `${Number(hours.toPrecision(2))} ${word}`;
}
