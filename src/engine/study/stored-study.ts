import type { Store, StudyRecord } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';

/** The study of that name or id. Throws if there is none, listing the studies, or if it is a comparison or scaling. */
export function storedStudy(store: Store, name: string): StudyRecord {
  const study = store.study(name);
  if (study !== undefined && study.kind !== 'guideline') throw notOneStudy(store, study);
  if (study) return study;
  const names = store.studies().map((known) => known.name);
  const similar = nearest(name, names);
  const known = names.length === 0 ? 'There are none yet.' : `Studies: ${names.slice(-20).join(', ')}.`;
  throw new AutopilotError(
    'study.unknown',
    `There is no study "${name}" in ${store.path}. ${similar === null ? known : `Did you mean "${similar}"?`}`,
  );
}

const meant = {
  comparison: {
    code: 'study.comparison',
    what: 'a comparison of policies',
    hint: 'View or continue it with its config: autopilot compare study.yaml --draw shows what there is; without --draw, what is missing is trained.',
  },
  scaling: {
    code: 'study.scaling',
    what: 'a scaling over several numbers of workers',
    hint: 'View it with its config (autopilot scale study.yaml --show) or by its name (autopilot report, autopilot export); continue it: autopilot scale study.yaml.',
  },
};

function notOneStudy(store: Store, { name, kind }: StudyRecord): AutopilotError {
  const own = store.studies().flatMap((study) => (study.name.startsWith(`${name}-k`) ? [study.name] : []));
  const studies = own.length === 0 ? '' : ` The studies it ran are ${own.join(', ')}.`;
  const { code, what, hint } = meant[kind === 'scaling' ? kind : 'comparison'];
  return new AutopilotError(code, `"${name}" is ${what}, not a study. ${hint}${studies}`);
}
