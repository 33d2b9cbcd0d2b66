import type {
  AttemptRecord,
  DecisionRecord,
  EpochRecord,
  EvaluationRecord,
  RunRecord,
  Store,
  StudyRecord,
} from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { MetricDefinitions } from '../../domain/metric/definition.ts';
import { nearest } from '../../domain/nearest.ts';
import { extendedBaselineSentence } from '../extended-baseline-text.ts';
import { type HistoryRow, studyHistory } from '../history/history.ts';
import { type StoredMeaning, storedInFractions } from '../metric-meaning.ts';
import { finalEvaluations, type MeasuredHistory, type MeasuredRow, withParts } from '../parts.ts';

/** One run with everything stored about it. */
export interface ShownRun {
  run: RunRecord;
  epochs: EpochRecord[];
  attempts: AttemptRecord[];
  /** Of each part of the data, with each class's metrics where the trainer reported them. */
  evaluations: EvaluationRecord[];
  /** Its warnings, each message once. */
  warnings: string[];
}

/** What `autopilot show` prints: an iteration (or the baseline) with its runs and decisions, or one run. */
export interface Shown {
  study: string;
  simulated: boolean;
  metrics: string[];
  /** What the metrics mean: which values are better, their unit. */
  definitions: MetricDefinitions;
  /** Whether the trainer reports shares of 1 in percent; the numbers here are fractions. */
  reportedInPercent: boolean;
  /** What one worker reaches when trained as long as the confirmed setting; empty where that does not matter. */
  extended: string;
  /** The best setting of the whole study. */
  best: MeasuredHistory['best'];
  /** Epochs of one worker. */
  epochs: number;
  baseline: HistoryRow | null;
  /** `baseline`, `iteration 3`, or a run's key. */
  what: string;
  rows: MeasuredRow[];
  runs: ShownRun[];
  decisions: DecisionRecord[];
}

export interface ShowOptions {
  store: Store;
  study: StudyRecord;
  /** An iteration's number, `baseline`, a run's key or its id. Default: the last iteration, else the baseline. */
  part?: string | undefined;
}

export function shownPart({ store, study, part }: ShowOptions): Shown {
  const last = store.lastIterationOf(study.id);
  const wanted = part ?? (last === null ? 'baseline' : String(last));
  const number = wanted === 'baseline' ? null : /^\d+$/.test(wanted) ? Number(wanted) : undefined;
  if (number !== undefined) {
    const { runs, decisions, rows, ...shared } = iterationParts({ store, study, number });
    if (rows.length === 0) throw noPart(store, study, wanted);
    const what = number === null ? 'baseline' : `iteration ${number}`;
    return { ...shared, what, rows, runs: runs.map((run) => fullRun(store, run, shared)), decisions };
  }
  const run = store.runByKey(study.id, wanted) ?? store.run(wanted);
  if (run === undefined || run.studyId !== study.id) throw noPart(store, study, wanted);
  const { rows, runs: _, ...shared } = iterationParts({ store, study, number: run.iteration });
  return {
    ...shared,
    what: run.key,
    rows: rows.filter(({ kind }) => kind === run.kind),
    runs: [fullRun(store, run, shared)],
  };
}

/** What is stored about one iteration, or about the baseline. */
function iterationParts(options: Pick<ShowOptions, 'store' | 'study'> & { number: number | null }) {
  const { store, study, number } = options;
  const range = number === null ? { from: 0, to: -1 } : { from: number, to: number };
  const history = withParts(store, study, studyHistory(store, study, { range }));
  const { metrics, definitions, reportedInPercent, baseline, iterations, best } = history;
  const baselineRows = baseline === null ? [] : [baseline];
  return {
    study: study.name,
    simulated: study.simulated,
    metrics,
    definitions,
    reportedInPercent,
    extended: extendedBaselineSentence(history),
    best,
    epochs: study.epochs,
    baseline,
    rows: number === null ? baselineRows : iterations,
    runs: number === null ? store.runsOfBaseline(study.id) : store.runsOfRange(study.id, range),
    decisions: number === null ? store.decisionsOfBaseline(study.id) : store.decisionsOfRange(study.id, range),
  };
}

function fullRun(store: Store, run: RunRecord, meaning: StoredMeaning): ShownRun {
  const read = storedInFractions(meaning);
  const epochs = store.epochsOf(run.id).map(({ metrics, ...epoch }) => ({ ...epoch, metrics: read(metrics) }));
  const warnings = store.warningsOf(run.studyId, run.key).map(({ message }) => message);
  return {
    run,
    epochs,
    attempts: store.attemptsOf(run.id),
    evaluations: finalEvaluations(store, run, meaning),
    warnings,
  };
}

function noPart(store: Store, { id, name }: StudyRecord, wanted: string): AutopilotError {
  const numbers = store.iterationsOf(id).map(({ number }) => String(number));
  const keys = store.runsOf(id).map(({ key }) => key);
  const similar = nearest(wanted, ['baseline', ...numbers, ...keys]);
  const range = numbers.length > 0 ? `iterations ${numbers[0]} to ${numbers.at(-1)}, ` : '';
  const fix =
    similar !== null && !/^\d+$/.test(wanted)
      ? `Did you mean "${similar}"?`
      : `There are ${range}"baseline", and runs by key (${keys.slice(-3).join(', ')}).`;
  return new AutopilotError('study.noSuchPart', `${name} has no iteration or run "${wanted}". ${fix}`);
}
