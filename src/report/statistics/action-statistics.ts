import type { IterationRecord, RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { settingEstimates } from '../../../machines/decision/index.ts';
import { type DifferenceWord, differenceOf, differenceWord } from '../../domain/difference.ts';
import type { IterationAction } from '../../domain/guideline.ts';
import { type MetricDefinitions, metricNamed, signOf } from '../../domain/metric/definition.ts';
import type { Verdict } from '../../domain/study.ts';
import { metricMeaning } from '../metric-meaning.ts';
import { type Summary, summarize } from './summarize.ts';

/** What one iteration of an action changed: all runs of its setting against all runs of the one it started from. */
export interface ActionGain {
  study: string;
  iteration: number;
  /** The iteration whose setting it started from. */
  parent: number;
  /** Difference of the two estimates of the primary metric, in its unit; above 0 where the action made it better. */
  gain: number;
  /** Standard error of the gain; null unless both settings have two runs or more. */
  standardError: number | null;
  /** Numbers of runs behind the estimates of its setting and of the one it started from. */
  runs: [own: number, start: number];
}

/** How one action of the guideline did over all the given studies that decide on one metric. */
export interface ActionStatistics {
  action: IterationAction;
  /** The primary metric of these studies. */
  metric: string;
  /** Studies that tried it at least once. */
  studies: number;
  /** Iterations with a result. */
  tried: number;
  /** Those of `tried` whose starting setting has a result too, so that they can be compared with it. */
  compared: number;
  /**
   * Of `compared`: how the setting did against the one it started from, over all runs of both; one that diverged is
   * worse.
   */
  better: number;
  worse: number;
  cannotTell: number;
  /** Those whose setting was confirmed, there or in an iteration that validated it: the study ended with `noLoss`. */
  ledToGoal: number;
  diverged: number;
  /** Mean and spread of `gains`; null without one. */
  gain: Summary | null;
  /** Every gain that could be measured: a setting that diverged has none. */
  gains: ActionGain[];
  /** Runs trained for it, validations of its setting included. */
  runs: number;
  /** Workers × hours of these runs. */
  workerHours: number;
}

export interface StudyStatistics {
  studies: number;
  /** By outcome; `notEnded` for those still open. */
  outcomes: Record<string, number>;
  /** True when all studies are simulated; next to real ones, simulated ones do not count. */
  simulated: boolean;
  /** Number of simulated studies that do not count. */
  leftOut: number;
  baseline: { runs: number; workerHours: number };
  actions: ActionStatistics[];
  /** What the primary metrics mean. */
  definitions: MetricDefinitions;
}

export interface StudyOf {
  store: Store;
  study: StudyRecord;
}

/** Verdicts of an iteration that has a result. */
const telling: ReadonlySet<Verdict> = new Set([
  ...(['reached', 'undecided', 'confirmed', 'notConfirmed'] as const),
  ...(['improved', 'degraded', 'diverged'] as const),
]);

/** How often each action was tried, what it changed, how often it led to the goal, and what it cost. */
export function actionStatistics(given: readonly StudyOf[]): StudyStatistics {
  const real = given.filter(({ study }) => !study.simulated);
  const all = real.length > 0 ? real : given;
  const actions = new Map<string, Entry>();
  const outcomes: Record<string, number> = {};
  const definitions: MetricDefinitions = {};
  const baseline = { runs: 0, workerHours: 0 };
  for (const { store, study } of all) {
    const outcome = study.outcome ?? 'notEnded';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const runs = store.runsOf(study.id).filter(isTrained);
    const cost = costOf(runs.filter(({ kind }) => kind === 'baseline'));
    baseline.runs += cost.runs;
    baseline.workerHours += cost.workerHours;
    const meaning = metricMeaning(store, study);
    const [primary = ''] = meaning.metrics;
    definitions[primary] ??= metricNamed(primary, meaning.definitions);
    const worth = settingWorth(store, study, primary, signOf(definitions[primary]));
    const iterations = store.iterationsOf(study.id);
    const validations = validationsByIteration(iterations);
    for (const { number, action, parent } of iterations) {
      if (action === 'validate' || action === 'extendBaseline') continue;
      const own = verdictsOf(store, study, number);
      if (!own.some((verdict) => telling.has(verdict))) continue;
      const repeated = validations.get(number) ?? [];
      const judged = [...own, ...repeated.flatMap((each) => verdictsOf(store, study, each))];
      const entry = entryOf(actions, action, primary);
      entry.names.add(`${store.path}#${study.id}`);
      entry.tried += 1;
      if (judged.includes('confirmed')) entry.ledToGoal += 1;
      if (judged.includes('diverged')) entry.diverged += 1;
      const start = parent === null ? null : worth(parent);
      if (parent !== null && start !== null) {
        const found = worth(number);
        entry.compared += 1;
        entry[told(found, start)] += 1;
        if (found?.sound && start.sound) {
          entry.gains.push({ study: study.name, iteration: number, parent, ...gainOf(found, start) });
        }
      }
      const spent = costOf(
        runs.filter(({ iteration }) => iteration === number || (iteration !== null && repeated.includes(iteration))),
      );
      entry.runs += spent.runs;
      entry.workerHours += spent.workerHours;
    }
  }
  return {
    studies: all.length,
    outcomes,
    simulated: given.length > 0 && real.length === 0,
    leftOut: given.length - all.length,
    baseline,
    actions: [...actions.values()].map(({ names, ...entry }) => ({
      ...entry,
      studies: names.size,
      gain: summarize(entry.gains.map(({ gain }) => gain)),
    })),
    definitions,
  };
}

/** How good a setting is: the primary metric of all its runs, with its sign flipped where lower is better. */
interface Worth {
  /** None of its runs diverged. */
  sound: boolean;
  values: Summary;
}

function settingWorth(store: Store, study: StudyRecord, primary: string, sign: 1 | -1) {
  const estimates = settingEstimates(store.settingRunsOf(study.id), [primary]);
  return (iteration: number): Worth | null => {
    const found = estimates.find(({ iterations }) => iterations.includes(iteration));
    const values = summarize((found?.values[primary] ?? []).map((value) => sign * value));
    return found === undefined || values === null ? null : { sound: found.diverged === 0, values };
  };
}

/** Higher is better here: the sign of the values is already flipped where lower is. */
function told(found: Worth | null, start: Worth): DifferenceWord {
  if (found === null) return 'cannotTell';
  if (found.sound !== start.sound) return found.sound ? 'better' : 'worse';
  return differenceWord(differenceOf(found.values, start.values), 1);
}

function gainOf({ values: own }: Worth, { values: start }: Worth): Pick<ActionGain, 'gain' | 'standardError' | 'runs'> {
  const known = own.sd !== null && start.sd !== null;
  return {
    gain: own.mean - start.mean,
    standardError: known ? Math.sqrt((own.sd ?? 0) ** 2 / own.n + (start.sd ?? 0) ** 2 / start.n) : null,
    runs: [own.n, start.n],
  };
}

/** By iteration, the later ones that validated its setting: their results and cost count for its action. */
function validationsByIteration(iterations: readonly IterationRecord[]): Map<number, number[]> {
  const hosts = new Map<number, number>();
  const validations = new Map<number, number[]>();
  for (const { number, action, parent } of iterations) {
    const host = action === 'validate' && parent !== null ? (hosts.get(parent) ?? parent) : number;
    hosts.set(number, host);
    if (host !== number) validations.set(host, [...(validations.get(host) ?? []), number]);
  }
  return validations;
}

function verdictsOf(store: Store, study: StudyRecord, iteration: number): Verdict[] {
  return store.decisionsOfIteration(study.id, iteration).map(({ verdict }) => verdict);
}

type Entry = Omit<ActionStatistics, 'studies' | 'gain'> & { names: Set<string> };

function entryOf(actions: Map<string, Entry>, action: IterationAction, metric: string): Entry {
  const known = actions.get(`${action} ${metric}`);
  if (known !== undefined) return known;
  const counts = {
    tried: 0,
    compared: 0,
    better: 0,
    worse: 0,
    cannotTell: 0,
    ledToGoal: 0,
    diverged: 0,
    runs: 0,
    workerHours: 0,
  };
  const entry: Entry = { action, metric, ...counts, gains: [], names: new Set() };
  actions.set(`${action} ${metric}`, entry);
  return entry;
}

function isTrained({ origin, startedMs }: RunRecord): boolean {
  return origin === 'trained' && startedMs !== null;
}

function costOf(runs: readonly RunRecord[]): { runs: number; workerHours: number } {
  const milliseconds = runs.reduce((sum, { workers, activeMs }) => sum + workers * activeMs, 0);
  return { runs: runs.length, workerHours: milliseconds / 3_600_000 };
}
