import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyToHost } from '../../../src/launcher/deploy/copy-to-hosts.ts';
import { fetchSigns } from '../../../src/launcher/deploy/fetch-signs.ts';
import { sha256Of } from '../../../src/protocol/files/sha256.ts';
import { heartbeatDirectory } from '../../../src/protocol/heartbeat-file.ts';
import { present } from '../../support/required.ts';
import { hasSshServer, type SshServer, startSshServer } from '../../support/ssh-server.ts';

const host = '127.0.0.1';

const here = present('ssh', hasSshServer && existsSync('/usr/bin/rsync'), 'apt-get install openssh-server rsync');

describe.runIf(here)('through a real ssh server', () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  }, 30_000);
  afterAll(() => server.stop());

  for (const how of ['rsync', 'scp'] as const) {
    it(`brings files there with ${how}, and again only the one that changed`, { timeout: 60_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ssh-'));
      const files = ["an odd file's name.mjs", 'data/b.bin'].map((name) => {
        const from = join(folder, 'here', name);
        mkdirSync(join(from, '..'), { recursive: true });
        writeFileSync(from, name);
        return { from, to: join(folder, 'disk', from), sha256: sha256Of(from) };
      });
      const copy = () => copyToHost({ how, shell: server.shell, host, files });
      const paths = files.map(({ to }) => to);
      expect(await copy()).toEqual(paths);
      expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(["an odd file's name.mjs", 'data/b.bin']);
      expect(await copy()).toEqual([]);
      appendFileSync(paths[1]!, 'tampered');
      expect(await copy()).toEqual([paths[1]]);
    });
  }

  it('names the host that refuses the key', { timeout: 30_000 }, async () => {
    const shell = server.shell.replace(/-i \S+/, '-o IdentitiesOnly=yes -o PubkeyAuthentication=no');
    const file = { from: '/etc/hostname', to: '/etc/hostname', sha256: '0'.repeat(64) };
    await expect(copyToHost({ how: 'scp', shell, host, files: [file] })).rejects.toThrow(
      /Host 127\.0\.0\.1: .*exit code 255.*Permission denied/,
    );
  });

  it('prints heartbeats of the other host, line by line, until called off', { timeout: 30_000 }, async () => {
    const runDirectory = mkdtempSync(join(tmpdir(), 'signs-'));
    const folder = heartbeatDirectory(runDirectory, 'a1');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'rank-1.json');
    writeFileSync(path, '{"step":3}\n');
    const stop = fetchSigns({ shell: server.shell, hosts: [host], runDirectory, attempt: 'a1' });
    try {
      // The same folder on both sides: the copy has lost the final newline.
      await expect.poll(() => readFileSync(path, 'utf8'), { timeout: 20_000 }).toBe('{"step":3}');
    } finally {
      stop();
    }
  });
});
