import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { sharedFileSystem } from '../../db/file-system.ts';
import { openStore } from '../../db/index.ts';
import { projectOfSchema } from '../support/project-of-schema.ts';
import { exampleStore } from './example-store.ts';

function project(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  return { folder, path: join(folder, 'autopilot.db') };
}

function closedStore(): { folder: string; path: string } {
  const made = project();
  exampleStore(made.path).close();
  return made;
}

describe('opening a store', () => {
  it('keeps what was stored when it is opened again', () => {
    const { path } = closedStore();
    const store = openStore({ path });
    expect(store.studies()).toHaveLength(1);
    store.close();
  });

  it('waits for the disk before a transaction returns, and enforces references', () => {
    const { path } = closedStore();
    openStore({ path }).close();
    const database = new Database(path);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    const store = openStore({ path });
    expect(() => store.appendEvent('nobody', { type: 'study.continued' }, 1)).toThrow(/FOREIGN KEY/);
    store.close();
    database.close();
  });

  it('lets a viewer read while an engine writes, but never write', () => {
    const { path } = project();
    const engine = exampleStore(path);
    const viewer = openStore({ path, readOnly: true });
    engine.appendEvent('example', { type: 'study.continued' }, 1);
    expect(viewer.eventsOf('example')).toHaveLength(1);
    expect(() => viewer.appendEvent('example', { type: 'study.continued' }, 1)).toThrow(
      expect.objectContaining({ code: 'store.readOnly' }),
    );
    viewer.close();
    engine.close();
  });

  it('says how to start when there is no store to read', () => {
    expect(() => openStore({ path: project().path, readOnly: true })).toThrow(/autopilot run/);
  });

  it('names a folder that does not exist', () => {
    expect(() => openStore({ path: '/no/such/folder/autopilot.db' })).toThrow(/\/no\/such\/folder does not exist/);
  });

  it('refuses a file that is no database, and leaves it as it is', () => {
    const { path } = project();
    writeFileSync(path, 'these are my notes, not a database, and long enough to be looked at'.repeat(20));
    const before = readFileSync(path);
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ code: 'store.damaged' }));
    expect(readFileSync(path)).toEqual(before);
  });

  it('refuses the database of another program', () => {
    const { path } = project();
    const other = new Database(path);
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ code: 'store.foreign' }));
  });

  it('says that a damaged database is damaged, when the damaged page is read', () => {
    const { path } = closedStore();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096);
    writeFileSync(path, bytes);
    const use = () => {
      const store = openStore({ path });
      try {
        store.studies();
      } finally {
        store.close();
      }
    };
    expect(use).toThrow(
      expect.objectContaining({ code: 'store.damaged', message: expect.stringContaining('doctor --repair') }),
    );
  });

  it('refuses a store that a newer autopilot wrote, by name', () => {
    const { path } = closedStore();
    const database = new Database(path);
    database.pragma('user_version = 99');
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ code: 'store.newerSchema' }));
    database.close();
  });

  it('reads an older store brought up to date in memory, and leaves the file as it was', () => {
    const path = join(projectOfSchema(2), 'autopilot.db');
    const before = readFileSync(path);
    const viewer = openStore({ path, readOnly: true });
    const [study] = viewer.studies();
    expect(viewer.runsOf(study?.id ?? '').flatMap(({ id }) => viewer.evaluationsOf(id))[0]?.classes).toBeNull();
    expect(() => viewer.appendEvent('nobody', { type: 'study.continued' }, 1)).toThrow(
      expect.objectContaining({ code: 'store.readOnly' }),
    );
    viewer.close();
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('file systems', () => {
  it.each([
    [0x6969, 'NFS'],
    [0x0bd00bd0, 'Lustre'],
    [0xff534d42 | 0, 'CIFS'],
    [0xef53, null],
    [0x01021994, null],
  ])('of type %i are recognized: %s', (type, name) => {
    expect(sharedFileSystem('/anywhere', () => ({ type }))).toBe(process.platform === 'linux' ? name : null);
  });
});

/**
 * Runs code in a process that is not root, which may write anywhere. The program is loaded before root is given up, since
 * the clone may lie in a folder that only its owner may enter; opening a store loads SQLite too.
 */
function asNobody(folder: string, source: string): string {
  const script = join(folder, '..', `script-${process.pid}.ts`);
  const store = new URL('../../db/index.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { openStore } from '${store}';
openStore({ path: ':memory:' }).close();
if (process.getuid?.() === 0) {
  process.setgroups([]);
  process.setgid(65534);
  process.setuid(65534);
}
const path = ${JSON.stringify(join(folder, 'autopilot.db'))};
${source}`,
  );
  return execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: tmpdir(), TSX_DISABLE_CACHE: '1' },
  });
}

describe('a folder that may not be written', () => {
  const tell = (call: string) => `try { ${call} } catch (error) { console.log(error.code) }`;

  it('is refused for writing and served for reading', () => {
    const { folder, path } = closedStore();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    const said = asNobody(
      folder,
      `${tell("openStore({ path }).appendEvent('example', { type: 'study.continued' }, 1)")}\nconsole.log(openStore({ path, readOnly: true }).studies().length);`,
    );
    expect(said.trim().split('\n')).toEqual([expect.stringMatching(/^store\.(readOnly|cannotOpen)$/), '1']);
    chmodSync(folder, 0o755);
  });
});

describe('a full disk', () => {
  it('is named, and what was stored before stays', (context) => {
    const { folder } = project();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      context.skip('mounting a small disk needs root');
    }
    try {
      const path = join(disk, 'autopilot.db');
      const store = exampleStore(path);
      let stored = 0;
      const fill = () => {
        for (; stored < 10_000; stored += 1)
          store.appendEvent('example', { type: 'study.stopped', reason: 'x'.repeat(1000) }, stored);
      };
      expect(fill).toThrow(expect.objectContaining({ code: 'store.diskFull', message: expect.stringContaining(path) }));
      store.close();
      const saved = mkdtempSync(join(tmpdir(), 'saved-'));
      for (const end of ['', '-wal']) if (existsSync(path + end)) cpSync(path + end, join(saved, `autopilot.db${end}`));
      const again = openStore({ path: join(saved, 'autopilot.db') });
      expect(again.eventsOf('example')).toHaveLength(stored);
      again.close();
    } finally {
      execFileSync('umount', [disk]);
      rmSync(folder, { recursive: true });
    }
  });
});
