import type { StudyRecord } from '../../db/index.ts';
import { formatSeconds } from '../domain/text/format.ts';

/** When, where, by whom and with what a study was made. Null: not known, or not yet. */
export interface Provenance {
  /** ISO 8601. */
  created: string;
  ended: string | null;
  /** From its creation to its end, including pauses and outages. */
  seconds: number | null;
  host: string | null;
  user: string | null;
  /** Of grescale-autopilot. */
  version: string | null;
  /** Of the project folder's Git repository, as checked out when the study was created. */
  commit: string | null;
}

/** Studies of earlier versions have no user and no commit. */
export function provenance({
  createdMs,
  endedMs,
  versions,
}: Pick<StudyRecord, 'createdMs' | 'endedMs' | 'versions'>): Provenance {
  const { host = null, user = null, autopilot: version = null, commit = null } = versions;
  return {
    created: new Date(createdMs).toISOString(),
    ended: endedMs === null ? null : new Date(endedMs).toISOString(),
    seconds: endedMs === null ? null : (endedMs - createdMs) / 1000,
    ...{ host, user, version, commit },
  };
}

/** `2026-11-29 08:42`, in UTC. */
export function minuteText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** `2026-11-29 08:42 UTC, ended 2026-11-29 08:49 UTC, 6 min 40 s later`. */
export function whenText({ created, ended, seconds }: Provenance): string {
  const end =
    ended === null ? 'not ended' : `ended ${minuteText(ended)} UTC, ${formatSeconds(seconds ?? Number.NaN)} later`;
  return `${minuteText(created)} UTC, ${end}`;
}

/** `host node7, user ada, grescale-autopilot 0.1.0, commit 0a1b2c3d4e5f`; what is not known is left out. */
export function whereText({ host, user, version, commit }: Provenance): string {
  return [
    host && `host ${host}`,
    user && `user ${user}`,
    version && `grescale-autopilot ${version}`,
    commit && `commit ${shortCommit(commit)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The first twelve digits of a commit. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}
