import type { Provenance } from '../../../report/provenance.ts';

/** A whole number unchanged, any other with three significant digits. */
export function brief(value: string | number | null | undefined): string {
  if (typeof value !== 'number') return value ?? '–';
  return Number.isFinite(value) && !Number.isInteger(value) ? String(Number(value.toPrecision(3))) : String(value);
}

export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return '–';
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function moment(milliseconds: number | null | undefined): string {
  return milliseconds
    ? new Date(milliseconds).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
    : '–';
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** step).toPrecision(3))} ${units[step]}`;
}

/** The number, or null for NaN and infinities, which are sent as strings: a plot leaves a gap for them. */
export function plottable(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The first seven digits of a commit. */
export function commitText(commit: string | null | undefined): string {
  return commit ? commit.slice(0, 7) : '–';
}

/** `on node7, by ada, version 0.1.0, commit 0a1b2c3`; unknown parts are left out. */
export function madeText({ host, user, version, commit }: Provenance): string {
  return [
    host && `on ${host}`,
    user && `by ${user}`,
    version && `version ${version}`,
    commit && `commit ${commitText(commit)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
