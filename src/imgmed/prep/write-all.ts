import { writeSync } from 'node:fs';

/** Writes every byte of an array at the file's current position; a single system call may write less. */
export function writeAll(file: number, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
