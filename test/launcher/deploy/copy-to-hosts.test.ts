import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellText } from '../../../src/domain/text/shell-text.ts';
import { copyToHost } from '../../../src/launcher/deploy/copy-to-hosts.ts';
import { sha256Of } from '../../../src/protocol/files/sha256.ts';

/** A remote shell to this very machine: it takes options and a host, and runs the command here. */
function shellHere(folder: string): string {
  const path = join(folder, 'shell');
  writeFileSync(
    path,
    '#!/bin/sh\nwhile case $1 in -*) true ;; *) false ;; esac; do shift; done\nshift\nexec sh -c "$*"\n',
  );
  chmodSync(path, 0o755);
  return path;
}

function twoFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'copy-'));
  const root = join(folder, 'disk');
  const files = ['a file.mjs', 'data/b.bin'].map((name) => {
    const from = join(folder, 'here', name);
    mkdirSync(join(from, '..'), { recursive: true });
    writeFileSync(from, name);
    return { from, to: join(root, from), sha256: sha256Of(from) };
  });
  return { files, shell: shellHere(folder) };
}

describe('copying to a host with a disk of its own', () => {
  it('finds what is missing or different there by checksum', async () => {
    const { files, shell } = twoFiles();
    for (const { from, to } of files) {
      mkdirSync(join(to, '..'), { recursive: true });
      writeFileSync(to, readFileSync(from));
    }
    expect(await copyToHost({ how: 'rsync', shell, host: 'node1', files })).toEqual([]);
  });

  it.skipIf(!existsSync('/usr/bin/rsync'))('brings it there with rsync, once', async () => {
    const { files, shell } = twoFiles();
    const paths = files.map(({ to }) => to);
    expect(await copyToHost({ how: 'rsync', shell, host: 'node1', files })).toEqual(paths);
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['a file.mjs', 'data/b.bin']);
    expect(await copyToHost({ how: 'rsync', shell, host: 'node1', files })).toEqual([]);
    appendFileSync(paths[1]!, 'tampered');
    expect(await copyToHost({ how: 'rsync', shell, host: 'node1', files })).toEqual([paths[1]]);
  });

  it('names a host that does not answer, with the fix', async () => {
    const { files } = twoFiles();
    await expect(copyToHost({ how: 'rsync', shell: '/no/such/shell', host: 'node1', files })).rejects.toThrow(
      /Host node1: "\/no\/such\/shell node1" cannot be started .*Correct|It must run a command there without asking/,
    );
  });

  it('quotes what a shell would take apart', () => {
    expect(shellText("it's here")).toBe(`'it'\\''s here'`);
  });
});
