import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { create } from 'tar';
import type { Store, StudyRecord } from '../../db/index.ts';
import { runDirectoryOf } from '../protocol/run-directory.ts';
import { type ArchiveManifest, archiveVersion, sha256 } from './archive-format.ts';

export interface WriteArchiveOptions {
  store: Store;
  study: StudyRecord;
  /** The project folder, with `runs/`. */
  project: string;
  /** The archive, `.tar.gz`. */
  file: string;
  checkpoints: boolean;
}

/** Writes a whole study into one archive: its rows, its run directories. Links in a run directory are left out. */
export async function writeArchive({
  store,
  study,
  project,
  file,
  checkpoints,
}: WriteArchiveOptions): Promise<ArchiveManifest> {
  const staging = mkdtempSync(join(tmpdir(), 'autopilot-export-'));
  try {
    const rows = store.rawRowsOf(study.id);
    writeFileSync(join(staging, 'rows.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    mkdirSync(join(staging, 'runs'));
    const paths = ['rows.ndjson'];
    for (const { id } of store.runsOf(study.id)) {
      const directory = resolve(runDirectoryOf(project, id));
      if (!existsSync(directory)) continue;
      symlinkSync(directory, join(staging, 'runs', id));
      for (const inner of filesBelow(directory)) {
        if (checkpoints || !inner.startsWith('checkpoints/')) paths.push(`runs/${id}/${inner}`);
      }
    }
    const files = paths.map((path) => {
      const content = readFileSync(join(staging, path));
      return { path, bytes: content.length, sha256: sha256(content) };
    });
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

/** Plain files below a folder, relative, with `/`, sorted. */
function filesBelow(folder: string, root = folder): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const found = lstatSync(path);
      if (found.isDirectory()) return filesBelow(path, root);
      return found.isFile() ? [relative(root, path).split(sep).join('/')] : [];
    });
}
