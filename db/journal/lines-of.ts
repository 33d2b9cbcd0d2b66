import { closeSync, openSync, readSync } from 'node:fs';

const sliceBytes = 2 ** 20;
const newline = 0x0a;

/** The lines of a text file of any size; the last may be incomplete. */
export function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const slice = Buffer.alloc(sliceBytes);
    let held: Buffer[] = [];
    for (let read = readSync(file, slice); read > 0; read = readSync(file, slice)) {
      let from = 0;
      const chunk = slice.subarray(0, read);
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        yield Buffer.concat([...held, chunk.subarray(from, at)]).toString('utf8');
        held = [];
        from = at + 1;
      }
      if (from < read) held.push(Buffer.from(chunk.subarray(from)));
    }
    if (held.length > 0) yield Buffer.concat(held).toString('utf8');
  } finally {
    closeSync(file);
  }
}
