import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const partBytes = 4 * 1024 ** 2;

/**
 * Reads a file of any size in parts, because node reads at most 2 GiB at once. `use` gets each part before the next is
 * read into the same memory: 4 MiB each, and the remainder last. Returns the number of bytes.
 */
export function readInParts(path: string, use: (part: Buffer, at: number) => void): number {
  const file = openSync(path, 'r');
  try {
    // One byte more than a small file has, so that its end is noticed.
    const memory = Buffer.allocUnsafe(Math.min(partBytes, fstatSync(file).size + 1));
    let at = 0;
    for (;;) {
      let length = 0;
      while (length < memory.length) {
        const read = readSync(file, memory, length, memory.length - length, null);
        if (read === 0) break;
        length += read;
      }
      if (length > 0) use(memory.subarray(0, length), at);
      at += length;
      if (length < memory.length) return at;
    }
  } finally {
    closeSync(file);
  }
}
