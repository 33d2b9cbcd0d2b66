import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import { writeChecksums } from '../../../db/journal/checksums.ts';
import { storedConfig } from '../../../src/config/stored.ts';
import { runStudy } from '../../../src/engine/study/run-study.ts';
import { isTrusted, keyFile, markOwn, requireTrusted } from '../../../src/engine/study/trust.ts';
import { readArchive } from '../../../src/report/archive/read.ts';
import { writeArchive } from '../../../src/report/archive/write.ts';
import { exampleConfig, temporaryProject } from '../example-study.ts';

const config = exampleConfig({ budget: { iterations: 1 } });

/** A user has a home of one's own. */
function asUser(name: string): void {
  vi.stubEnv('XDG_CONFIG_HOME', join(homes, name));
}
const homes = mkdtempSync(join(tmpdir(), 'homes-'));
afterEach(() => vi.unstubAllEnvs());

/** Stopped before its first run has ended. */
async function project(study = config): Promise<string> {
  const folder = temporaryProject();
  await using(folder, (store) =>
    runStudy({ config: study, directory: folder, store, signal: AbortSignal.abort('later') }),
  );
  return folder;
}

async function using<T>(folder: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  const store = openStore({ path: join(folder, 'autopilot.db') });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

function copyOf(folder: string): string {
  const copy = temporaryProject();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const resumed = (folder: string) =>
  using(folder, (store) =>
    runStudy({ store, directory: folder, config: storedConfig(store.study('example')!, folder), reopen: true }),
  );

describe("a user's own study", () => {
  it('goes on in its folder, renamed, and copied', async () => {
    asUser('ada');
    const folder = await project();
    renameSync(folder, `${folder}-renamed`);
    expect(await resumed(copyOf(`${folder}-renamed`))).toMatchObject({ state: 'ended' });
    expect(await resumed(`${folder}-renamed`)).toMatchObject({ state: 'ended' });
  });

  it('goes on where no home can be written', async () => {
    vi.stubEnv('XDG_CONFIG_HOME', '/proc/none');
    expect(await resumed(await project())).toMatchObject({ state: 'ended' });
  });

  it('has a key that nobody else may read', async () => {
    asUser('grace');
    await project();
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  });
});

describe('a study from elsewhere', () => {
  it("starts nothing and changes nothing until its name is trusted, in another user's copy", async () => {
    asUser('ada');
    const folder = copyOf(await project());
    asUser('mallory');
    const before = await using(folder, (store) => store.eventsOf('example'));
    await expect(resumed(folder)).rejects.toThrow(
      new RegExp(
        `"example" was made elsewhere .*start its simulated trainer, as you.*autopilot trust example --project ${folder}`,
      ),
    );
    expect(await using(folder, (store) => store.eventsOf('example'))).toEqual(before);
    expect(existsSync(join(folder, 'runs'))).toBe(false);
    await using(folder, (store) => markOwn(store, { id: 'example', project: folder, timeMs: 1 }));
    expect(await resumed(folder)).toMatchObject({ state: 'ended' });
    expect(await resumed(copyOf(folder))).toMatchObject({ state: 'ended' });
  });

  it('is told with every program that it would start', async () => {
    asUser('ada');
    const notify = { on: ['end' as const], command: ['tell', 'the lab'], email: 'a@b.org', sendmail: './mailer' };
    const folder = copyOf(await project(exampleConfig({ notify })));
    asUser('mallory');
    await expect(resumed(folder)).rejects.toThrow(
      "start its simulated trainer and, to notify, tell 'the lab' and, to send e-mail, ./mailer, as you",
    );
  });

  it('is one that came in an archive', async () => {
    asUser('ada');
    const from = await project();
    const file = join(from, 'example.tar.gz');
    await using(from, (store) =>
      writeArchive({ store, study: store.study('example')!, project: from, file, checkpoints: false }),
    );
    const to = temporaryProject();
    await using(to, (store) => readArchive({ store, project: to, file }));
    await expect(resumed(to)).rejects.toThrow(/autopilot trust example/);
  });

  it('is one whose config was changed by another program, out of its folder', async () => {
    asUser('ada');
    const folder = copyOf(await project());
    const database = new Database(join(folder, 'autopilot.db'));
    database.exec(
      'UPDATE study SET config = json_set(config, \'$.trainer\', json(\'{"kind":"command","command":["evil","--now"]}\'))',
    );
    writeChecksums(database);
    database.close();
    await using(folder, (store) => {
      const study = store.study('example')!;
      expect(() => requireTrusted(store, study, folder)).toThrow(/start .*evil --now/);
    });
  });

  it('is one that guesses at folders', async () => {
    asUser('ada');
    const folder = copyOf(await project());
    asUser('mallory');
    await using(folder, (store) => {
      const { ino } = statSync(folder);
      for (let guess = ino - 50; guess < ino + 50; guess += 1)
        store.insertTrust({ studyId: 'example', mark: `place:${guess}`, timeMs: 1 });
      expect(isTrusted(store, store.study('example')!, folder)).toBe(false);
    });
  });

  it('is one of an earlier version only where its host or its folder is another', async () => {
    asUser('ada');
    const folder = await project();
    const database = new Database(join(folder, 'autopilot.db'));
    database.exec('DELETE FROM trust');
    database.close();
    const trusted = (where: string) => using(where, (store) => isTrusted(store, store.study('example')!, where));
    expect(await trusted(folder)).toBe(true);
    expect(await trusted(copyOf(folder))).toBe(false);
  });
});

it('a key that is damaged is no key, and is not overwritten', async () => {
  asUser('joan');
  const folder = await project();
  writeFileSync(keyFile(), 'spoiled');
  await using(folder, (store) => expect(isTrusted(store, store.study('example')!, folder)).toBe(true));
  expect(readFileSync(keyFile(), 'utf8')).toBe('spoiled');
  rmSync(keyFile());
});
