import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { extract, list } from 'tar';
import type { ArchivedRow, RawRow, Store } from '../../../db/index.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { type ArchiveManifest, archivedRow, archiveManifest, damaged, filesBelow } from './format.ts';

export interface ReadArchiveOptions {
  store: Store;
  /** The project folder that receives `runs/`. */
  project: string;
  file: string;
}

/** An imported archive: its manifest, and how many rows were left out. */
export interface ReadArchive extends ArchiveManifest {
  /** Rows about files outside the study's run directories, which are not imported. */
  leftOut: number;
}

/** Restores a study from an archive: all of it or nothing. */
export async function readArchive({ store, project, file }: ReadArchiveOptions): Promise<ReadArchive> {
  if (!existsSync(file)) throw new AutopilotError('archive.missing', `${file} does not exist. Check the path.`);
  await refuseUnsafe(file, resolve(project));
  const staging = mkdtempSync(join(resolve(project), '.import-'));
  try {
    await unpacked(file, staging);
    const manifest = await checkedManifest(file, staging);
    const rows = checkedRows(file, staging, manifest);
    if (store.study(manifest.study) !== undefined) {
      throw new AutopilotError(
        'archive.exists',
        `Study "${manifest.study}" is in ${store.path} already and is never overwritten. Import it into another project: autopilot import ${file} --project FOLDER`,
      );
    }
    const to = resolve(project);
    const moved = rows.flatMap(({ table, row }) => {
      const there = relocated(table, row, manifest.directory, to);
      return there === null ? [] : [{ table, row: there }];
    });
    place({ store, project: to, staging, manifest, rows: moved, file });
    return { ...manifest, leftOut: rows.length - moved.length };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Maximum number of entries, and maximum bytes of the two that are read into memory. */
const mostEntries = 200_000;
const mostBytes: Record<string, number> = { 'manifest.json': 2 ** 26, 'rows.ndjson': 2 ** 28 };

/** Checks every entry before anything is written: plain files inside the archive's own folders that fit on the disk. */
async function refuseUnsafe(file: string, folder: string): Promise<void> {
  if (!statSync(file).isFile()) throw damaged(file, 'it is not a plain file');
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  const paths = new Set<string>();
  let wrong: string | null = null;
  let bytes = 0;
  try {
    await list({
      file,
      strict: true,
      onReadEntry: (entry) => {
        const { path, type, size } = entry;
        bytes += size;
        if (type !== 'File' && type !== 'OldFile') wrong ??= `the entry "${path}" is a ${type}, not a plain file`;
        else if (!isSafe(path)) wrong ??= `the entry "${path}" does not belong in a study archive`;
        else if (paths.has(path)) wrong ??= `the entry "${path}" appears twice`;
        else if (size > (mostBytes[path] ?? Number.POSITIVE_INFINITY)) wrong ??= `its ${path} has ${size} bytes`;
        else if (paths.size >= mostEntries) wrong ??= `it has more than ${mostEntries} entries`;
        else if (bytes > free) wrong ??= `it holds more than the ${free} bytes that are free in ${folder}`;
        if (wrong === null) paths.add(path);
        entry.resume();
      },
    });
  } catch (thrown) {
    throw damaged(file, `it cannot be read (${messageOf(thrown)})`, thrown);
  }
  if (wrong !== null) throw damaged(file, wrong);
  if (paths.size === 0) throw damaged(file, 'it is empty');
}

function isSafe(path: string): boolean {
  if (path === 'manifest.json' || path === 'rows.ndjson') return true;
  const parts = path.split('/');
  return (
    parts.length >= 3 &&
    parts[0] === 'runs' &&
    !path.includes('\\') &&
    !path.includes('\0') &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

async function unpacked(file: string, staging: string): Promise<void> {
  try {
    await extract({ file, cwd: staging, strict: true, preservePaths: false });
  } catch (thrown) {
    throw damaged(file, `it cannot be unpacked (${messageOf(thrown)})`, thrown);
  }
}

async function checkedManifest(file: string, staging: string): Promise<ArchiveManifest> {
  const path = join(staging, 'manifest.json');
  if (!existsSync(path)) throw damaged(file, 'it has no manifest.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw damaged(file, 'its manifest.json is not JSON', thrown);
  }
  const parsed = archiveManifest.safeParse(value);
  if (!parsed.success) throw damaged(file, `its manifest.json is not understood (${parsed.error.issues[0]?.message})`);
  for (const { path: name, bytes, sha256: hash } of parsed.data.files) {
    const at = join(staging, name);
    if (!isSafe(name) || !existsSync(at) || !statSync(at).isFile()) throw damaged(file, `"${name}" is missing`);
    if (statSync(at).size !== bytes || sha256Of(at) !== hash) throw damaged(file, `"${name}" was changed`);
  }
  const listed = new Set(['manifest.json', ...parsed.data.files.map(({ path: name }) => name)]);
  const unlisted = filesBelow(staging).find((name) => !listed.has(name));
  if (unlisted !== undefined) throw damaged(file, `"${unlisted}" is not in its manifest`);
  if (!parsed.data.files.some(({ path: name }) => name === 'rows.ndjson')) throw damaged(file, 'it has no rows');
  return parsed.data;
}

function checkedRows(file: string, staging: string, { study }: ArchiveManifest): ArchivedRow[] {
  const lines = readFileSync(join(staging, 'rows.ndjson'), 'utf8').split('\n').filter(Boolean);
  const rows = lines.map((line, index) => {
    try {
      return archivedRow.parse(JSON.parse(line));
    } catch (thrown) {
      throw damaged(file, `line ${index + 1} of rows.ndjson is not understood`, thrown);
    }
  });
  const studies = rows.filter(({ table }) => table === 'study');
  if (studies.length !== 1 || studies[0]?.row.name !== study)
    throw damaged(file, `its rows are not those of "${study}"`);
  const id = studies[0].row.id;
  const misnamed = rows.find(({ table, row }) => table === 'run' && !isRunId(row));
  if (misnamed) throw damaged(file, `its run ${JSON.stringify(misnamed.row.id)} is not named like a run`);
  const foreign = rows.find(({ row }) => row.study_id !== undefined && row.study_id !== id);
  if (foreign) throw damaged(file, `its table ${foreign.table} has rows of another study`);
  return rows;
}

function idOf(rows: readonly ArchivedRow[]): string {
  return String(rows.find(({ table }) => table === 'study')?.row.id);
}

/** `<study>.<key>`, followed since schema 6 by a dot and eight hex digits; it becomes a folder name. */
function isRunId({ id, study_id: study, key }: RawRow): boolean {
  const plain = /^[\w-]+\.[\w-]+(\.[0-9a-f]{8})?$/.test(String(id));
  return plain && (id === `${study}.${key}` || String(id).startsWith(`${study}.${key}.`));
}

interface PlaceOptions extends ReadArchiveOptions {
  staging: string;
  manifest: ArchiveManifest;
  rows: ArchivedRow[];
}

/** Run directories first: a directory without rows does no harm, rows without their files do. */
function place({ store, project, staging, manifest, rows, file }: PlaceOptions): void {
  const ids = new Set(rows.filter(({ table }) => table === 'run').map(({ row }) => String(row.id)));
  const brought = [...new Set(manifest.files.flatMap(({ path }) => path.match(/^runs\/([^/]+)\//)?.[1] ?? []))];
  const stray = brought.find((id) => !ids.has(id));
  if (stray !== undefined) throw damaged(file, `its run directory "${stray}" belongs to no run`);
  const taken = brought.map((id) => join(project, 'runs', id)).find((path) => existsSync(path));
  if (taken !== undefined) {
    throw new AutopilotError(
      'archive.exists',
      `${taken} already exists and is never overwritten. Import into another project with --project FOLDER, or move it away.`,
    );
  }
  makeFolder(join(project, 'runs'));
  const moved: string[] = [];
  try {
    for (const id of brought) {
      const target = join(project, 'runs', id);
      renameSync(join(staging, 'runs', id), target);
      moved.push(target);
    }
    store.insertRawRows(rows);
    store.insertTrust({ studyId: idOf(rows), mark: 'imported', timeMs: Date.now() });
  } catch (thrown) {
    for (const path of moved) rmSync(path, { recursive: true, force: true });
    if (thrown instanceof RangeError) throw damaged(file, thrown.message, thrown);
    throw thrown;
  }
}

/**
 * Changes only what depends on the project's location: the study's folder, and paths of artifacts and checkpoints in
 * its run directories. A path that leads elsewhere is meaningless here: such an artifact is left out (null).
 */
function relocated(table: string, row: RawRow, from: string, to: string): RawRow | null {
  if (table === 'study') return { ...row, directory: to };
  const column = { artifact: 'path', attempt: 'resume_from' }[table];
  const path = column === undefined ? null : row[column];
  if (column === undefined || typeof path !== 'string') return row;
  const inner = relative(join(from, 'runs'), resolve(from, path));
  const below = inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
  if (below) return { ...row, [column]: join(to, 'runs', inner) };
  return table === 'artifact' ? null : { ...row, [column]: null };
}
