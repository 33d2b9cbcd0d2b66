import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { create } from 'tar';
import type { ArchivedRow, Store, StudyRecord } from '../../../db/index.ts';
import { withoutSecrets } from '../../domain/secrets.ts';
import { sha256Of } from '../../protocol/files/sha256.ts';
import { runDirectoryOf } from '../../protocol/run-directory.ts';
import { type ArchiveManifest, archiveVersion, filesBelow } from './format.ts';

export interface WriteArchiveOptions {
  store: Store;
  study: StudyRecord;
  /** The project folder, with `runs/`. */
  project: string;
  /** The archive, `.tar.gz`. */
  file: string;
  checkpoints: boolean;
}

/** Writes a whole study into one archive: its rows and its run directories, without the links in them. */
export async function writeArchive({
  store,
  study,
  project,
  file,
  checkpoints,
}: WriteArchiveOptions): Promise<ArchiveManifest> {
  const staging = mkdtempSync(join(tmpdir(), 'autopilot-export-'));
  try {
    const rows = store.rawRowsOf(study.id).map(shareable);
    await writeFile(join(staging, 'rows.ndjson'), linesOf(rows));
    mkdirSync(join(staging, 'runs'));
    const paths = ['rows.ndjson'];
    for (const { id } of store.runsOf(study.id)) {
      const directory = resolve(runDirectoryOf(project, id));
      if (!existsSync(directory)) continue;
      symlinkSync(directory, join(staging, 'runs', id));
      for (const inner of filesBelow(directory)) {
        const kept = checkpoints || !inner.startsWith('checkpoints/');
        if (kept && !isPrivate(join(directory, inner))) paths.push(`runs/${id}/${inner}`);
      }
    }
    const files: ArchiveManifest['files'] = [];
    for (const path of paths) {
      const at = join(staging, path);
      files.push({ path, bytes: statSync(at).size, sha256: sha256Of(at) });
    }
    const manifest: ArchiveManifest = {
      format: 'grescale-autopilot study',
      version: archiveVersion,
      study: study.name,
      directory: resolve(study.directory),
      checkpoints,
      files,
    };
    writeFileSync(join(staging, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await create({ file, gzip: true, cwd: staging, portable: true }, ['manifest.json', ...paths]);
    return manifest;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function* linesOf(rows: readonly ArchivedRow[]): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Whether only its owner may read a file, such as a script with secret values: those are not exported. */
function isPrivate(path: string): boolean {
  return (statSync(path).mode & 0o777) === 0o600 || (statSync(path).mode & 0o777) === 0o700;
}

/** Masks secrets that configs of earlier versions hold in plain text, in the study's row and in its events. */
function shareable({ table, row }: ArchivedRow): ArchivedRow {
  const column = { study: 'config', event: 'payload' }[table];
  const text = column === undefined ? null : row[column];
  if (column === undefined || typeof text !== 'string') return { table, row };
  return { table, row: { ...row, [column]: JSON.stringify(withoutSecrets(JSON.parse(text))) } };
}
