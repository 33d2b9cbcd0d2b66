import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../db/index.ts';
import {
  gather,
  type Journal,
  journalPath,
  missingIn,
  readJournal,
  rebuildStore,
  rowWords,
  runFolders,
  type Salvaged,
  salvage,
} from '../../../db/journal/repair.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { readableConfig } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { isHeld } from '../study/lease.ts';
import { foundRun } from './adopt-runs.ts';
import { completeRows } from './complete-rows.ts';
import { deriveAgain } from './derive-again.ts';
import { whoHasItOpen } from './who-has-it-open.ts';

export interface RepairOptions {
  /** Absolute path of the project folder. */
  project: string;
  /** Absolute path of the database. */
  file: string;
  /** Config of a study that nothing else describes. */
  config: ResolvedStudyConfig | null;
  /** Say what would be done; write nothing. */
  dryRun: boolean;
}

export interface Repair {
  /** What is wrong; null if nothing is, in which case nothing was done. */
  problem: string | null;
  /** Files that were moved aside: the damaged database, its log, its journal. */
  kept: string[];
  studies: { name: string; events: number; iterations: number; decisions: number; runs: number; epochs: number }[];
  /** Rows of which only the journal had an intact copy. */
  righted: string[];
  /** What was recreated from sources other than its own row. */
  made: string[];
  lost: string[];
}

const repairable = ['store.damaged', 'store.lost', 'store.older', 'store.foreign', 'store.event'];

/**
 * Rebuilds a store that is damaged, lost or older than its runs, from its intact rows, its journal and the run
 * directories. Once checked, the new database takes the place of the old one, which is kept beside it.
 */
export function repairStore({ project, file, config, dryRun }: RepairOptions): Repair {
  const problem = problemOf(file);
  if (problem === null) return { problem, kept: [], studies: [], righted: [], made: [], lost: [] };
  const salvaged = salvage(file);
  refuseOpen(file, salvaged);
  const folders = runFolders(project);
  const whole = readJournal(journalPath(file));
  const foreign = salvaged?.id != null && whole?.header != null && whole.header.store !== salvaged.id;
  const journal = foreign ? null : whole;
  const id = journal?.header?.store ?? salvaged?.id ?? idOf(folders);
  const { rows, righted, missing, lost } = gather(salvaged, journal);
  const completed = id === null ? { made: [], lost: [] } : completeRows({ rows, id, project, folders, config });
  if (id === null || (rows.get('study')?.size ?? 0) === 0) throw nothingLeft(file, problem, completed.lost);
  const scratch = mkdtempSync(join(dryRun ? tmpdir() : project, '.repair-'));
  try {
    const made = join(scratch, 'autopilot.db');
    const dropped = rebuildStore(made, { id, rows });
    const derived = opened(made);
    const studies = countsOf(made);
    const gone = missingIn(made, missing);
    const kept = dryRun ? [] : swap(made, file);
    if (!dryRun) openStore({ path: file }).close();
    return {
      problem,
      kept,
      studies,
      righted,
      made: [...completed.made, ...derived],
      lost: [
        ...damagedLines(salvaged, journal),
        ...gone,
        ...lost,
        ...completed.lost,
        ...dropped.map(({ table, row, why }) => `${rowWords({ table, row })} (${why})`),
      ],
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Why a store cannot be used, in words; null if it can. Faults beyond repair, such as permissions, are thrown. */
function problemOf(file: string): string | null {
  try {
    openStore({ path: file, readOnly: true, whole: true }).close();
    return null;
  } catch (thrown) {
    if (!(thrown instanceof AutopilotError)) throw thrown;
    const journaled = existsSync(journalPath(file));
    if (thrown.code === 'store.missing' && journaled) return thrown.message;
    if (!repairable.includes(thrown.code) || (thrown.code === 'store.foreign' && !journaled)) throw thrown;
    return thrown.message.split(' Nothing was changed.')[0] ?? thrown.message;
  }
}

function refuseOpen(file: string, salvaged: Salvaged | null): void {
  const lease = salvaged?.leases.find((one) => isHeld(one, Date.now()));
  const pids = existsSync(file) ? whoHasItOpen(realpathSync(file)) : whoHasItOpen(file);
  const who = lease ? `process ${lease.pid} on ${lease.host}` : pids.length > 0 ? `process ${pids.join(', ')}` : null;
  if (who === null) return;
  throw new AutopilotError(
    'store.inUse',
    `${file} is in use by ${who}. End it (Ctrl-C there, or: kill ${lease?.pid ?? pids[0]}), then repair the store.`,
  );
}

function idOf(folders: readonly string[]): string | null {
  for (const folder of folders) {
    const id = foundRun(folder)?.spec.store?.id;
    if (id !== undefined) return id;
  }
  return null;
}

function nothingLeft(file: string, problem: string, lost: readonly string[]): AutopilotError {
  return new AutopilotError(
    'store.beyondRepair',
    [
      `${problem}`,
      `Nothing is left that describes its studies: no row of ${file}, no ${journalPath(file)}. Nothing was changed. With a study's config, its runs can be read again: autopilot doctor --repair --config study.yaml`,
      ...lost.map((what) => `  ${what}`),
    ].join('\n'),
  );
}

/** Opens the new database, which verifies it, and derives what follows from its events. */
function opened(made: string): string[] {
  const store = openStore({ path: made });
  try {
    return store.studies().flatMap((study) => {
      const config = readableConfig(study);
      if (config === null) return [];
      const numbers = deriveAgain({ store, study, config });
      return numbers.length === 0
        ? []
        : [`decisions ${numbers.join(', ')} of the study ${study.name}, derived again from its events`];
    });
  } finally {
    store.close();
  }
}

function countsOf(made: string): Repair['studies'] {
  const store = openStore({ path: made, readOnly: true });
  try {
    return [...store.studies(), ...store.comparisons(), ...store.scalings()].map(({ id, name }) => {
      const runs = store.runsOf(id);
      return {
        name,
        events: store.eventsOf(id).length,
        iterations: store.iterationsOf(id).length,
        decisions: store.decisionsOf(id).length,
        runs: runs.length,
        epochs: runs.reduce((sum, run) => sum + store.epochsOf(run.id).length, 0),
      };
    });
  } finally {
    store.close();
  }
}

/** Puts the new database in place of the old one, which is renamed to an unused name. */
function swap(made: string, file: string): string[] {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  // A log's index (-shm) and an empty log hold no data.
  const logs = ['-wal', '-journal'].filter(
    (end) => (statSync(`${file}${end}`, { throwIfNoEntry: false })?.size ?? 0) > 0,
  );
  const paths = [file, ...logs.map((end) => `${file}${end}`), journalPath(file)];
  const aside = paths.filter((path) => existsSync(path));
  let number = 0;
  const named = (path: string) => `${path}.damaged-${stamp}${number === 0 ? '' : `-${number}`}`;
  while (aside.some((path) => existsSync(named(path)))) number += 1;
  const kept = aside.map((path) => {
    renameSync(path, named(path));
    return named(path);
  });
  for (const end of ['-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
  renameSync(made, file);
  return kept;
}

/** Reports damaged lines of the journal, unless the database itself is intact. */
function damagedLines(salvaged: Salvaged | null, journal: Journal | null): string[] {
  if (journal === null || journal.damaged === 0) return [];
  const whole = salvaged !== null && salvaged.unread.length === 0 && salvaged.changed.size === 0;
  return whole
    ? []
    : [
        `${count(journal.damaged, 'line')} of its journal ${journal.damaged === 1 ? 'is' : 'are'} also damaged: their contents may be missing`,
      ];
}
