import { join } from 'node:path';
import type { ScanCase } from '../datasets/case-list.ts';
import { loadScan } from '../load-case.ts';
import { readVolume } from '../reading/read-volume.ts';
import type { Volume } from '../volume/volume.ts';
import { writeOverlay } from './overlay.ts';

/** Path of a case's picture for one kind of finding. */
export function picturePath(pictures: string, id: string, kind: string): string {
  return join(pictures, `${id.replace(/[^\w.-]/g, '_')}-${kind}.png`);
}

/** Draws a case named by a comparison of cases; null when its scan cannot be read, which is a finding of its own. */
export async function drawCase(scanCase: ScanCase, pictures: string, kind: string): Promise<string | null> {
  const scan = await loadScan(scanCase).catch(() => null);
  if (scan === null) return null;
  const mask: Volume | null = scanCase.mask === null ? null : await readVolume(scanCase.mask).catch(() => null);
  const path = picturePath(pictures, scanCase.id, kind);
  await writeOverlay(path, { scan, mask });
  return path;
}
