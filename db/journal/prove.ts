import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { rowsChanged, storeDamaged } from '../errors.ts';
import { checksumsSince, versionOf } from '../schema/migrations.ts';
import { oddTable } from '../schema/shape.ts';
import { changedRows } from './checksums.ts';
import { changedWords } from './damage.ts';

/** Sizes in bytes up to which a file is checked whenever it is opened: with its indexes (about 50 ms), and without. */
const mostWithIndexes = 2 ** 25;
const mostAtAll = 2 ** 28;

/**
 * Checks a database before anything in it is trusted. Throws `store.damaged` with the findings. `whole`: check all of
 * it, whatever its size.
 */
export function prove(database: Database, file: string, { whole = false } = {}): void {
  const version = versionOf(database, file);
  if (version === 0) return;
  const size = whole ? 0 : statSync(file).size;
  if (size <= mostAtAll) {
    const pragma = size > mostWithIndexes ? 'quick_check(3)' : 'integrity_check(3)';
    const found = database.prepare<[], string>(`PRAGMA ${pragma}`).pluck().all();
    const [first] = found;
    if (first !== undefined && first !== 'ok')
      throw storeDamaged(file, found.join('; ').replace(/\s+/g, ' ').slice(0, 400));
  }
  if (version >= checksumsSince) {
    const odd = oddTable(database, version);
    if (odd !== null) throw storeDamaged(file, `the columns of its table ${odd} are not what was stored`);
    // In a large file, rows of the biggest tables are checked when they are read.
    const changed = changedRows(database, { except: size > mostWithIndexes ? ['event', 'epoch'] : [] });
    if (changed.length > 0) throw rowsChanged(file, changedWords(changed));
  }
  const differs = database.prepare<[], { id: string }>(resultsThatDiffer).get();
  if (differs !== undefined) {
    throw rowsChanged(file, `the result of the run ${differs.id} is not what its event "run.finished" says`);
  }
}

/** A result is stored twice, in its run and in its event, so a flipped bit makes the two differ. */
const resultsThatDiffer = `
SELECT run.id FROM event JOIN run ON run.study_id = event.study_id AND run.key = event.run_key
WHERE event.type = 'run.finished' AND run.state = 'finished' AND run.metrics IS NOT NULL
  AND CASE WHEN json_valid(event.payload) AND json_valid(run.metrics)
    THEN json_extract(event.payload, '$.metrics') NOT IN ('{}', json(run.metrics)) ELSE 1 END
LIMIT 1`;
