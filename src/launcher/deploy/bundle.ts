import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packs files under their absolute paths into an archive that `tar -x -C ROOT` puts below ROOT. */
export async function packBundle(archive: string, paths: readonly string[]): Promise<void> {
  const { create } = await import('tar');
  // With nothing to pack there is still an archive, so that the job's script needs no special case.
  if (paths.length === 0) {
    const empty = mkdtempSync(join(dirname(archive), 'empty-'));
    symlinkSync('.', join(empty, '.none'));
    await create({ file: archive, cwd: empty, portable: true }, ['.none']);
    rmSync(empty, { recursive: true });
    return;
  }
  await create(
    { file: archive, cwd: '/', follow: true, portable: true },
    paths.map((path) => path.slice(1)),
  );
}
