import type { Store, StudyRecord } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';

/** The study of that name or id; throws with the names there are. A comparison of policies is no study. */
export function storedStudy(store: Store, name: string): StudyRecord {
  const study = store.study(name);
  if (study?.kind === 'comparison') throw comparisonMeant(store, study);
  if (study) return study;
  const names = store.studies().map((known) => known.name);
  const similar = nearest(name, names);
  const known = names.length === 0 ? 'There are none yet.' : `Studies: ${names.slice(-20).join(', ')}.`;
  throw new AutopilotError(
    'study.unknown',
    `There is no study "${name}" in ${store.path}. ${similar === null ? known : `Did you mean "${similar}"?`}`,
  );
}

function comparisonMeant(store: Store, { name }: StudyRecord): AutopilotError {
  const own = store.studies().flatMap((study) => (study.name.startsWith(`${name}-k`) ? [study.name] : []));
  const searches = own.length === 0 ? '' : ` The studies it ran are ${own.join(', ')}.`;
  return new AutopilotError(
    'study.comparison',
    `"${name}" is a comparison of policies, not a study. Look at it, or go on with it, with its config: autopilot compare study.yaml --draw shows what there is, without --draw what is missing is trained.${searches}`,
  );
}
