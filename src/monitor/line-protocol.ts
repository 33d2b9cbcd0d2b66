/** One point of a time series for InfluxDB. */
export interface Point {
  measurement: string;
  tags: Record<string, string>;
  fields: Record<string, number | string | boolean>;
  timeMs: number;
}

/**
 * A point as a line of InfluxDB's line protocol, time in nanoseconds. Non-finite fields are left out, since the
 * protocol cannot express them; a point with no field left gives null.
 */
export function toLine({ measurement, tags, fields, timeMs }: Point): string | null {
  const written = Object.entries(fields).flatMap(([key, value]) => {
    if (typeof value === 'number') return Number.isFinite(value) ? [`${escapeKey(key)}=${value}`] : [];
    return [`${escapeKey(key)}=${typeof value === 'boolean' ? value : quote(value)}`];
  });
  if (written.length === 0) return null;
  const tagged = Object.entries(tags)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`);
  const nanoseconds = BigInt(Math.round(timeMs)) * 1_000_000n;
  return `${escapeMeasurement(measurement)}${tagged.join('')} ${written.join(',')} ${nanoseconds}`;
}

const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');
const escapeMeasurement = (text: string) => oneLine(text).replace(/[, ]/g, '\\$&');
const escapeKey = (text: string) => oneLine(text).replace(/[,= ]/g, '\\$&');
const quote = (text: string) => `"${oneLine(text).replace(/["\\]/g, '\\$&')}"`;
