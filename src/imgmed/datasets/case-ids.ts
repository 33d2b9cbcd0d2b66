import { dirname, relative, sep } from 'node:path';
import type { ScanCase } from './case-list.ts';

/** Prefixes cases of the same name in different folders with the folders that tell them apart: `case_00000/imaging`. */
export function withOwnIds(folder: string, cases: readonly ScanCase[]): ScanCase[] {
  const count = new Map<string, number>();
  for (const { id } of cases) count.set(id, (count.get(id) ?? 0) + 1);
  return cases.map((entry) => {
    if (count.get(entry.id) === 1) return entry;
    const place = relative(folder, dirname(entry.images[0]!)).split(sep).join('/');
    const id = place === '' ? entry.id : `${place}/${entry.id}`;
    return { ...entry, id, patient: entry.patient === entry.id ? id : entry.patient };
  });
}
