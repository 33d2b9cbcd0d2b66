import type { TableName } from '../schema/stored-tables.ts';
import type { ChangedRow } from './checksums.ts';

type Row = Readonly<Record<string, unknown>>;

/** Describes a lost or damaged row to the user, by table. */
const words: Record<TableName, (row: Row) => string> = {
  study: ({ name, id }) => `the study ${short(name ?? id)}`,
  iteration: ({ number, study_id }) => `iteration ${short(number)} of the study ${short(study_id)}`,
  run: ({ id }) => `the run ${short(id)}`,
  attempt: ({ number, run_id }) => `attempt ${short(number)} of the run ${short(run_id)}`,
  evaluation: ({ split, run_id }) => `the evaluation on "${short(split)}" of the run ${short(run_id)}`,
  decision: ({ sequence, study_id }) => `decision ${short(sequence)} of the study ${short(study_id)}`,
  artifact: ({ path }) => `the record of the file ${short(path)}`,
  model: ({ name, version }) => `version ${short(version)} of the model ${short(name)}`,
  trust: ({ study_id }) => `a trust mark of the study ${short(study_id)}`,
  note: ({ study_id }) => `a note on the study ${short(study_id)}`,
  event: ({ sequence, type, run_key, study_id }) =>
    `event ${short(sequence)}, ${short(type)}${run_key === null ? '' : ` of ${short(run_key)}`}, of the study ${short(study_id)}`,
  epoch: ({ epoch, run_id }) => `epoch ${short(epoch)} of the run ${short(run_id)}`,
};

/** Describes a row in a message. */
export function rowWords({ table, row }: ChangedRow): string {
  return words[table](row);
}

/** A message that names the first few of the changed rows. */
export function changedWords(changed: readonly ChangedRow[]): string {
  const named = changed.slice(0, 5).map(rowWords);
  const rest = changed.length > named.length ? ', and more' : '';
  const verb = changed.length === 1 ? 'is' : 'are';
  return `${named.join('; ')}${rest} ${verb} not what was stored (a checksum differs)`;
}

function short(value: unknown): string {
  return String(value).slice(0, 80);
}
