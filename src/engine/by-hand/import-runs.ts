import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import type { RunRequest } from '../../domain/study.ts';
import { askStudy } from './ask-study.ts';
import type { ToldRun } from './read-told-runs.ts';
import { type ToldStudy, tellStudy } from './tell-study.ts';

export interface ImportRunsOptions {
  store: Store;
  config: ResolvedStudyConfig;
  /** The project folder. */
  directory: string;
  /** In the order in which the guideline wants them. */
  rows: readonly ToldRun[];
  now?: () => number;
}

/**
 * Imports earlier runs into a study, all or none: the guideline decides after each as if it had just been trained.
 * Importing the same rows again changes nothing.
 */
export function importRuns({ store, config, directory, rows, now = Date.now }: ImportRunsOptions): ToldStudy[] {
  const taken = new Set<string>();
  return store.transaction(() => {
    const told = rows.map(({ where, result, ...named }) => {
      const { runs } = askStudy({ store, config, directory, now });
      try {
        const key = named.run ?? keyOf(named, { store, study: config.name, wanted: runs, taken });
        if (taken.has(key)) throw new AutopilotError('tell.file', `run: "${key}" appears in the file twice.`);
        taken.add(key);
        return tellStudy({ store, study: config.name, run: key, result, origin: 'imported', now });
      } catch (thrown) {
        const said = messageOf(thrown)
          .replaceAll(/ ?Nothing was stored[:.]? ?/g, ' ')
          .trim();
        const code = thrown instanceof AutopilotError ? thrown.code : 'tell.file';
        const field = named.run === undefined ? '' : ` (run ${named.run})`;
        throw new AutopilotError(code, `${where}${field}: ${said} Nothing was stored.`, { cause: thrown });
      }
    });
    askStudy({ store, config, directory, now });
    return told;
  });
}

interface Candidates {
  store: Store;
  study: string;
  wanted: readonly RunRequest[];
  taken: ReadonlySet<string>;
}

/** Key of the first run, stored or wanted, with this action and setting that no earlier row has taken. */
function keyOf({ action, setting }: Omit<ToldRun, 'where' | 'result'>, { store, study, wanted, taken }: Candidates) {
  const actions = new Map(store.iterationsOf(study).map((iteration) => [iteration.number, iteration.action]));
  const actionOf = ({ kind, iteration }: Pick<RunRequest, 'kind' | 'iteration'>) =>
    kind === 'baseline' ? 'baseline' : actions.get(iteration ?? 0);
  const given = Object.entries(setting);
  const matches = (run: Pick<RunRequest, 'kind' | 'iteration' | 'setting'>) =>
    (action === undefined || action === actionOf(run)) &&
    Object.entries(run.setting).filter(([name, value]) => given.some((pair) => pair[0] === name && pair[1] === value))
      .length === given.length;
  const found = [...store.runsOf(study), ...wanted].find((run) => !taken.has(run.key) && matches(run));
  if (found !== undefined) return found.key;
  const is = wanted.map((run) => `${run.key} (${actionOf(run)}, ${JSON.stringify(run.setting)})`).join(' or ');
  const next = is === '' ? 'The study has ended.' : `The study wants ${is} next.`;
  const field = action !== undefined && !wanted.some((run) => actionOf(run) === action) ? 'action' : 'setting';
  const value = field === 'action' ? `"${action}"` : JSON.stringify(setting);
  throw new AutopilotError('tell.file', `${field}: no run of this study has ${value}. ${next}`);
}
