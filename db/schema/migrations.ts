import type { Database } from 'better-sqlite3';
import { AutopilotError } from '../../src/domain/errors.ts';
import { writeChecksums } from '../journal/checksums.ts';
import { initialSchema } from './schema-1-initial.ts';
import { comparisonSchema } from './schema-2-comparison.ts';
import { classesSchema } from './schema-3-classes.ts';
import { evidenceSchema } from './schema-4-evidence.ts';
import { trainingTimeSchema } from './schema-5-training-time.ts';
import { storeIdSchema } from './schema-6-store-id.ts';
import { measuredSchema } from './schema-7-measured.ts';
import { scalingSchema } from './schema-8-scaling.ts';
import { checksumsSchema } from './schema-9-checksums.ts';
import { journalSchema } from './schema-10-journal.ts';
import { epochClassesSchema } from './schema-11-epoch-classes.ts';

/** Marks the file as ours in its header: "ATPL". */
const applicationId = 0x4154504c;

/** Each entry takes the schema from its index to the next version. Never edit one that was released; append. */
export const migrations: readonly string[] = [
  initialSchema,
  comparisonSchema,
  classesSchema,
  evidenceSchema,
  trainingTimeSchema,
  storeIdSchema,
  measuredSchema,
  scalingSchema,
  checksumsSchema,
  journalSchema,
  epochClassesSchema,
];

export const schemaVersion = migrations.length;

/** The first version whose rows have checksums. */
export const checksumsSince = migrations.indexOf(checksumsSchema) + 1;

/** Migrates an open, already checked database to this program's schema, in one transaction. */
export function migrate(database: Database, path: string): void {
  if (versionOf(database, path) === schemaVersion) return;
  database
    .transaction(() => {
      // Read again: another process may have migrated while this one waited for the lock.
      const missing = migrations.slice(versionOf(database, path));
      if (missing.length === 0) return;
      for (const statements of missing) database.exec(statements);
      writeChecksums(database);
      database.pragma(`application_id = ${applicationId}`);
      database.pragma(`user_version = ${schemaVersion}`);
    })
    .immediate();
}

/** The file's schema version; throws when the file is someone else's or newer than this program. */
export function versionOf(database: Database, path: string): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  const owner = Number(database.pragma('application_id', { simple: true }));
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (owner !== applicationId && tables !== 0) {
    throw new AutopilotError(
      'store.foreign',
      `${path} belongs to another program. Choose another folder with --project, or move that file away.`,
    );
  }
  if (version > schemaVersion) {
    throw new AutopilotError(
      'store.newerSchema',
      `${path} was written by a newer autopilot (schema ${version}, this program knows ${schemaVersion}). Update grescale-autopilot to read it.`,
    );
  }
  return version;
}
