import type { EvaluationRecord, RunRecord, Store, StudyRecord } from '../../db/index.ts';
import { type MetricText, metricTexts } from '../domain/metric/text.ts';
import { bySplit } from '../domain/split-order.ts';
import type { BestSetting, HistoryRow, StudyHistory } from './history/history.ts';
import { type MetricMeaning, type StoredMeaning, storedInFractions } from './metric-meaning.ts';
import { type ComparedSummary, comparedWith } from './statistics/compared.ts';
import { summarize } from './statistics/summarize.ts';

/** By metric: mean and spread over runs, difference from the baseline's mean on the same part, and what it says. */
export type ComparedMetrics = Record<string, ComparedSummary>;

/** What was measured of a row's runs on one part of the data. */
export interface PartSummary {
  /** `validation`, `test` or the trainer's own word. */
  split: string;
  /** Whether the row's own metrics are those of this part. */
  shown: boolean;
  metrics: ComparedMetrics;
  /** By class name; empty where the trainer reported none. A class that is missing from the part has no metrics. */
  classes: Record<string, ComparedMetrics>;
}

export interface MeasuredRow extends HistoryRow {
  parts: PartSummary[];
}

/** A history whose rows include the metrics of each part of the data and of each class. */
export interface MeasuredHistory extends StudyHistory {
  baseline: MeasuredRow | null;
  iterations: MeasuredRow[];
  best: (BestSetting & MeasuredRow) | null;
}

export function withParts(store: Store, study: StudyRecord, history: StudyHistory): MeasuredHistory {
  const [first, last] = [history.iterations[0]?.iteration, history.iterations.at(-1)?.iteration];
  const range = { from: first ?? 0, to: last ?? -1 };
  const runs = [...store.runsOfBaseline(study.id), ...store.runsOfRange(study.id, range)];
  const runsOf = new Map<string, RunRecord[]>();
  for (const run of runs) runsOf.set(idOf(run), [...(runsOf.get(idOf(run)) ?? []), run]);
  const summarized = (row: HistoryRow, reference: readonly PartSummary[]): MeasuredRow => ({
    ...row,
    parts: partsOfRuns(store, runsOf.get(idOf(row)) ?? [], reference, history),
  });
  const baseline = history.baseline && summarized(history.baseline, []);
  const reference = baseline?.parts ?? [];
  const runsOfBest = history.best?.iterations.flatMap((number) => store.runsOfIteration(study.id, number)) ?? [];
  return {
    ...history,
    baseline,
    iterations: history.iterations.map((row) => summarized(row, reference)),
    best: history.best && { ...history.best, parts: partsOfRuns(store, runsOfBest, reference, history) },
  };
}

function idOf({ iteration, kind }: Pick<RunRecord, 'iteration' | 'kind'>): string {
  return `${kind} ${iteration}`;
}

/**
 * The evaluations that count, part by part: those of the last attempt that was evaluated, with shares of 1 as
 * fractions; none for a run without a result.
 */
export function finalEvaluations(store: Store, { id, metrics }: RunRecord, meaning: StoredMeaning): EvaluationRecord[] {
  if (metrics === null) return [];
  const all = store.evaluationsOf(id);
  const last = all.at(-1)?.attempt;
  const read = storedInFractions(meaning);
  return all
    .filter(({ attempt }) => attempt === last)
    .sort((a, b) => bySplit(a.split, b.split))
    .map(({ metrics: reported, classes, ...evaluation }) => ({
      ...evaluation,
      metrics: read(reported),
      classes: classes && Object.fromEntries(Object.entries(classes).map(([name, own]) => [name, read(own)])),
    }));
}

function partsOfRuns(
  store: Store,
  runs: readonly RunRecord[],
  reference: readonly PartSummary[],
  meaning: MetricMeaning,
): PartSummary[] {
  const textOf = metricTexts(meaning);
  const evaluated = runs.flatMap((run) =>
    finalEvaluations(store, run, meaning).map((evaluation) => ({ ...evaluation, shown: isShown(run, evaluation) })),
  );
  const splits = [...new Set(evaluated.map(({ split }) => split))].sort(bySplit);
  return splits.map((split) => {
    const own = evaluated.filter((each) => each.split === split);
    const against = reference.find((part) => part.split === split);
    const names = [...new Set(own.flatMap(({ classes }) => Object.keys(classes ?? {})))];
    return {
      split,
      shown: own.every(({ shown }) => shown),
      metrics: compared(
        own.map(({ metrics }) => metrics),
        against?.metrics,
        textOf,
      ),
      classes: Object.fromEntries(
        names.map((name) => [
          name,
          compared(
            own.map(({ classes }) => classes?.[name] ?? {}),
            against?.classes[name],
            textOf,
          ),
        ]),
      ),
    };
  });
}

function isShown({ metrics }: RunRecord, evaluation: EvaluationRecord): boolean {
  return Object.entries(metrics ?? {}).every(([name, value]) => Object.is(evaluation.metrics[name], value));
}

function compared(
  values: readonly Record<string, number>[],
  reference: ComparedMetrics | undefined,
  textOf: (name: string) => MetricText,
): ComparedMetrics {
  const summaries: ComparedMetrics = {};
  for (const name of new Set(values.flatMap((each) => Object.keys(each)))) {
    const summary = summarize(values.flatMap((each) => (Number.isFinite(each[name]) ? [each[name] ?? 0] : [])));
    if (summary === null) continue;
    summaries[name] = comparedWith(summary, reference?.[name], textOf(name).sign);
  }
  return summaries;
}

/** One line of a table of parts and classes. */
export interface PartLine {
  row: MeasuredRow;
  split: string;
  /** Null: over all classes. */
  name: string | null;
  metrics: ComparedMetrics;
}

/** Every part of every row, over all classes and then class by class. */
export function partLines(rows: readonly MeasuredRow[]): PartLine[] {
  return rows.flatMap((row) =>
    row.parts.flatMap(({ split, metrics, classes }) => [
      { row, split, name: null, metrics },
      ...Object.entries(classes).map(([name, each]) => ({ row, split, name, metrics: each })),
    ]),
  );
}

/** Whether there is more to list than the metrics of the one part that the rows show: several parts, or classes. */
export function hasParts(lines: readonly PartLine[]): boolean {
  return new Set(lines.map(({ split }) => split)).size > 1 || lines.some(({ name }) => name !== null);
}

/** The metric columns of a table of parts and classes: the primary metric, then those reported for any class. */
export function partMetrics(lines: readonly PartLine[], primary: string): string[] {
  const ofClasses = lines.flatMap(({ name, metrics }) => (name === null ? [] : Object.keys(metrics)));
  return [...new Set([primary, ...ofClasses])];
}
