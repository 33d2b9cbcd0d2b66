import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Store, StudyRecord } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { readableConfig } from '../../config/stored.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { hashOf } from '../../domain/hash.ts';
import { printableLine } from '../../domain/text/printable.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';

/** Mark of a study imported from an archive, which makes it nobody's own. */
export const importedMark = 'imported';

export interface MarkOptions {
  /** The study's id. */
  id: string;
  /** The project folder. */
  project: string;
  timeMs: number;
}

/**
 * Marks a study as the user's own: by the project folder's identity, which no copy shares, and by the user's key, which
 * stays valid in other folders. False if neither is available.
 */
export function markOwn(store: Store, { id, project, timeMs }: MarkOptions): boolean {
  const study = store.study(id);
  const marks = study === undefined ? [] : [placeMark(project), keyMark(store, study)].filter((mark) => mark !== null);
  for (const mark of marks) store.insertTrust({ studyId: id, mark, timeMs });
  return marks.length > 0;
}

/** Refuses to continue a study made elsewhere: its config, which others wrote, determines what is started. */
export function requireTrusted(store: Store, study: StudyRecord, project: string): void {
  if (isTrusted(store, study, project)) return;
  const { host = 'another host' } = study.versions;
  throw new AutopilotError(
    'study.untrusted',
    `Study "${study.name}" was made elsewhere (${printableLine(`${host}, ${study.directory}`, 200)}). Continuing it would start ${whatItStarts(study)}, as you. If that is what you want, say so once: autopilot trust ${study.name} --project ${shellText(resolve(project))}`,
  );
}

/** Whether a study was made in this folder or by this user, or has been trusted by this user since. */
export function isTrusted(store: Store, study: StudyRecord, project: string): boolean {
  const marks = store.trustMarksOf(study.id);
  // Earlier versions made no marks.
  if (marks.length === 0) return study.versions.host === hostname() && resolve(study.directory) === resolve(project);
  const places = marks.filter((mark) => mark.startsWith('place:'));
  // A study with too many place marks is guessing inode numbers.
  if (places.length <= mostPlaces && places.includes(placeMark(project) ?? '')) return true;
  const own = keyMark(store, study);
  return own !== null && marks.some((mark) => same(mark, own));
}

/** Describes what the engine would start for a study's config. */
export function whatItStarts(study: StudyRecord): string {
  const config = readableConfig(study);
  if (config === null) return 'what its config says';
  const { trainer, components, launcher, notify } = config;
  const modules = Object.values(components ?? {}).flatMap((part) => modulesIn(part));
  const program =
    trainer.kind === 'command' ? `the command ${commandText(trainer.command)}` : `its ${trainer.kind} trainer`;
  const setup = 'setup' in launcher ? launcher.setup : [];
  const parts = [
    program,
    ...(modules.length === 0 ? [] : [`with the modules ${modules.join(', ')}`]),
    ...(launcher.kind === 'local' ? [] : [`through ${launcher.kind}`]),
    ...ownCommands(launcher).map((command) => `by ${commandText(command)}`),
    ...(setup.length === 0 ? [] : [`after the shell lines ${setup.join('; ')}`]),
    ...(notify?.command === undefined ? [] : [`and, to notify, ${commandText(notify.command)}`]),
    ...(notify?.email === undefined ? [] : [`and, to send e-mail, ${shellText(notify.sendmail)}`]),
  ];
  return printableLine(parts.join(' '), 1000);
}

function commandText(words: readonly (string | readonly string[])[]): string {
  return words.flat().map(shellText).join(' ');
}

/** Commands that the config's own scheduler templates run on this machine. */
function ownCommands(launcher: ResolvedStudyConfig['launcher']): (readonly (string | readonly string[])[])[] {
  if (launcher.kind !== 'scheduler') return [];
  const { submit, status = [], find = [], cancel } = launcher;
  return [submit, ...status, ...find, cancel].filter((command) => command !== undefined);
}

function modulesIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (Array.isArray(part)) return part.flatMap(modulesIn);
  return typeof part === 'object' && part !== null && 'module' in part ? [String(part.module)] : [];
}

const mostPlaces = 20;

/** Identifies the folder by its inode number. */
function placeMark(project: string): string | null {
  const found = statSync(project, { bigint: true, throwIfNoEntry: false });
  return found === undefined || found.ino === 0n ? null : `place:${found.ino}`;
}

/** A mark for this store, study and config that only a holder of the user's key can make. */
function keyMark(store: Store, { id, config }: StudyRecord): string | null {
  const key = userKey();
  const text = JSON.stringify([store.id, id, hashOf(config)]);
  return key === null ? null : `key:${createHmac('sha256', key).update(text).digest('hex')}`;
}

export function keyFile(environment: Record<string, string | undefined> = process.env): string {
  const folder = environment.XDG_CONFIG_HOME || join(homedir(), '.config');
  return join(folder, 'grescale-autopilot', 'trust-key');
}

/** The user's random key, created on first use; null if it cannot be kept. */
function userKey(): string | null {
  const path = keyFile();
  return readKey(path) ?? (makeKey(path) ? readKey(path) : null);
}

function readKey(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^[0-9a-f]{64}$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** Atomic: if another process creates a key at the same time, the first one counts. */
function makeKey(path: string): boolean {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    makeFolder(dirname(path), 0o700);
    writeFileSync(temporary, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(temporary, path);
    return true;
  } catch (thrown) {
    return messageOf(thrown).startsWith('EEXIST');
  } finally {
    rmSync(temporary, { force: true });
  }
}

function same(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}
