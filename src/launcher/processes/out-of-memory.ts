import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** How often this host's kernel has killed a process for memory (proc(5), /proc/vmstat); 0 where it does not say. */
export function kernelMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const complaints = [
  /JavaScript heap out of memory/,
  /^MemoryError\b/m,
  /CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|OutOfMemoryError/,
  /std::bad_alloc/,
  /Cannot allocate memory/,
];

/** The line near a log's end that complains about memory, or null. */
export function memoryComplaint(log: string): string | null {
  const end = tail(log, 16_384);
  for (const complaint of complaints) {
    const found = complaint.exec(end);
    if (found) return lineAround(end, found.index);
  }
  return null;
}

/** The last bytes of a file as text; empty when there is none. */
export function tail(path: string, bytes: number): string {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, bytes));
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

function lineAround(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index) + 1;
  const end = text.indexOf('\n', index);
  return text.slice(start, end === -1 ? undefined : end).trim();
}
