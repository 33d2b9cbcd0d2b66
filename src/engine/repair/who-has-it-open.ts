import { readdirSync, readlinkSync } from 'node:fs';

/** Processes that have a file open, even if it has since been removed. Reads /proc, so finds them only on Linux. */
export function whoHasItOpen(file: string): number[] {
  return numbered('/proc').filter((pid) => {
    if (pid === process.pid) return false;
    return numbered(`/proc/${pid}/fd`).some((descriptor) => {
      const target = linkOf(`/proc/${pid}/fd/${descriptor}`);
      return target === file || target === `${file} (deleted)`;
    });
  });
}

function numbered(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
