import type { Database } from 'better-sqlite3';
import type { Metrics } from '../../src/domain/metric/metrics.ts';
import { encode, json, metrics } from './codecs.ts';
import { recordTable } from './record-table.ts';

/** A trained network kept under a name; the zoo's files are beside the store. */
export interface ModelRecord {
  name: string;
  /** 1-based; a new version never replaces an old one. */
  version: number;
  /** The run that trained it, or null for one from elsewhere. */
  runId: string | null;
  path: string;
  /** SHA-256 of the weights. */
  hash: string;
  metrics: Metrics;
  manifest: Record<string, unknown>;
  createdMs: number;
}

export function modelTable(database: Database) {
  const { select } = recordTable<ModelRecord>(database, 'model', { metrics, manifest: json });
  const all = select<[]>('ORDER BY name, version');
  const named = select<[string]>('WHERE name = ? ORDER BY version DESC');
  return {
    models: (): ModelRecord[] => all.all(),
    /** A model by name: its newest version, or the one asked for. */
    model: (name: string, version?: number): ModelRecord | undefined =>
      named.all(name).find((candidate) => version === undefined || candidate.version === version),
    /** Stores a new version; returns its number. */
    insertModel: (model: Omit<ModelRecord, 'version'>): number =>
      Number(
        database
          .prepare(
            `INSERT INTO model (name, version, run_id, path, hash, metrics, manifest, created_ms)
             VALUES (@name, (SELECT coalesce(max(version), 0) + 1 FROM model WHERE name = @name), @runId, @path, @hash, @metrics, @manifest, @createdMs)
             RETURNING version`,
          )
          .pluck()
          .get({ ...model, metrics: encode(model.metrics), manifest: encode(model.manifest) }),
      ),
  };
}
