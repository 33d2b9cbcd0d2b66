import { count } from '../../domain/text/format.ts';
import type { ScanCase } from './case-list.ts';
import { groupedBy } from './grouped-by.ts';

/**
 * A patient's number, then one that counts within the patient: `p01_003`, `patient001_frame12`, `sub-01_ses-02_T1w`.
 */
const ofPatient = /^(.*\d.*?)[_-](?:[a-z]+[_-]?)?\d+(?:[_-][a-z][a-z0-9]*)?$/i;
/** Suggestions for `patientPattern`, simplest first. */
const patterns = ['^([^_]+)_', '^(.+)[_-]', '^(.+?\\d+)[_-]', '^(.+)[_-].+[_-]'];

type Case = Pick<ScanCase, 'id' | 'patient' | 'part'>;

/**
 * Warns about cases that count as separate patients although their names suggest several scans or pictures of one: a
 * split could put that patient into both training and test. One sentence for each kind of name, or none.
 */
export function samePatients(cases: readonly Case[]): string[] {
  return [...numberedWithin(cases), ...alikeInParts(cases)];
}

function numberedWithin(cases: readonly Case[]): string[] {
  const numbered = cases.flatMap(({ id, patient }) => {
    const prefix = patient === id ? ofPatient.exec(id)?.[1] : undefined;
    return prefix === undefined ? [] : [{ id, prefix }];
  });
  const groups = groupedBy(numbered, ({ prefix }) => prefix);
  const several = [...groups.values()].find((group) => group.length > 1);
  // If all have the same name before the number, it is the data set's.
  if (several === undefined || groups.size < 2) return [];
  const { prefix } = several[0]!;
  const pattern = patterns.find((each) => several.every(({ id }) => new RegExp(each).exec(id)?.[1] === prefix));
  const example = pattern === undefined ? '' : `, for example "${pattern}"`;
  const ids = several.slice(0, 3).map(({ id }) => id);
  return [
    `${ids.join(', ')} look like scans or pictures of one patient, ${prefix}, but count as separate patients; set patientPattern${example}, or the same patient may be in training and in test`,
  ];
}

/** Warns about `train/p1` and `test/p1`: two patients with one number, or one patient in both parts? */
function alikeInParts(cases: readonly Case[]): string[] {
  const own = cases.filter(({ id, patient, part }) => part !== null && id.includes('/') && patient === id);
  const several = [...groupedBy(own, ({ id }) => id.slice(id.lastIndexOf('/') + 1))].filter(
    ([, same]) => new Set(same.map(({ part }) => part)).size > 1,
  );
  if (several.length === 0) return [];
  const ids = several[0]![1].map(({ id }) => id).join(' and ');
  const more = several.length === 1 ? '' : `, as do those of ${count(several.length - 1, 'other name')}`;
  return [
    `${ids} have the same name in different parts but count as different patients${more}; if they are of one patient, set patientPattern, for example "([^/]+)$", or the same patient may be in training and in test`,
  ];
}
