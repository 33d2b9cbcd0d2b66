import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { ClassMetrics, Metrics } from '../../src/domain/metric/metrics.ts';

/** How a column stores values that SQLite has no type for. */
export interface Codec {
  encode(value: unknown): string | number | null;
  decode(stored: unknown): unknown;
}

/** JSON text. NaN and infinities, which JSON turns into null, are kept as strings. */
export const json: Codec = {
  encode: (value) => (value === null || value === undefined ? null : encode(value)),
  decode: (stored) => (stored === null ? null : JSON.parse(String(stored))),
};

/** JSON in which the strings `NaN`, `Infinity` and `-Infinity` are read back as numbers. */
export const metrics: Codec = {
  encode: json.encode,
  decode: decodeMetrics,
};

/** Like `metrics`, for each class by name. */
export const classMetrics: Codec = {
  encode: json.encode,
  decode: (stored) => (stored === null ? null : classMetricsFrom(JSON.parse(String(stored)))),
};

/**
 * A path, stored relative to the store's folder if it is inside, so that a project can be moved. An absolute path
 * stored by an earlier version that no longer exists is looked up in this folder's runs.
 */
export function pathIn(folder: string | null): Codec {
  if (folder === null)
    return { encode: (value) => (typeof value === 'string' ? value : null), decode: (stored) => stored };
  return {
    encode: (value) =>
      typeof value !== 'string' ? null : value.startsWith(folder + sep) ? relative(folder, value) : value,
    decode(stored) {
      if (typeof stored !== 'string') return null;
      if (!isAbsolute(stored)) return join(folder, stored);
      const inRuns = /[/\\](runs[/\\].*)$/.exec(stored)?.[1];
      const moved = inRuns === undefined ? stored : join(folder, inRuns);
      return moved !== stored && !existsSync(stored) && existsSync(moved) ? moved : stored;
    },
  };
}

/** A boolean as 0 or 1. */
export const flag: Codec = {
  encode: (value) => (value === true ? 1 : 0),
  decode: (stored) => stored === 1,
};

/** A number or NaN, which SQLite would store as NULL; an ANY column keeps it as text. */
export const number: Codec = {
  encode: (value) => (typeof value !== 'number' ? null : Number.isNaN(value) ? 'NaN' : value),
  decode: (stored) => (stored === null ? null : numberFrom(stored)),
};

/** A number, or one of the texts for numbers that JSON cannot express. */
function numberFrom(stored: unknown): number {
  if (typeof stored === 'number') return stored;
  if (stored === 'NaN' || stored === 'Infinity' || stored === '-Infinity') return Number(stored);
  throw new RangeError(`it holds ${JSON.stringify(stored)} where a number belongs`);
}

export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  );
}

export function decodeMetrics(stored: unknown): Metrics | null {
  if (stored === null) return null;
  return metricsFrom(JSON.parse(String(stored)));
}

function metricsFrom(values: Record<string, unknown>): Metrics {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, numberFrom(value)]));
}

function classMetricsFrom(values: Record<string, Record<string, unknown>>): ClassMetrics {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [name, metricsFrom(each)]));
}
