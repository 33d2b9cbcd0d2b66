import type { Metrics } from '../src/domain/metrics.ts';

/** JSON for a column. NaN and infinities, which JSON turns into null, are kept as strings. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  );
}

export function decode(text: string): unknown {
  return JSON.parse(text);
}

/** A column that may be NULL. */
export function encodeOptional(value: unknown): string | null {
  return value === null || value === undefined ? null : encode(value);
}

/** Metric values of a JSON column; the strings `NaN`, `Infinity` and `-Infinity` are numbers again. */
export function decodeMetrics(text: string): Metrics;
export function decodeMetrics(text: string | null): Metrics | null;
export function decodeMetrics(text: string | null): Metrics | null {
  return text === null ? null : toMetrics(JSON.parse(text));
}

export function toMetrics(values: Record<string, unknown>): Metrics {
  const metrics: Metrics = {};
  for (const [name, value] of Object.entries(values)) metrics[name] = Number(value);
  return metrics;
}

/** SQLite stores NaN as NULL; an ANY column keeps it as text. */
export function toColumn(value: number | null | undefined): number | string | null {
  if (value === null || value === undefined) return null;
  return Number.isNaN(value) ? 'NaN' : value;
}

export function fromColumn(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
