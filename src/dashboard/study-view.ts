import type { IterationMeans, IterationRange, RunRecord, Store, StudyRecord } from '../../db/index.ts';
import { shippedGuidelines } from '../../machines/guideline/index.ts';
import type { IterationAction } from '../domain/guideline.ts';
import { extendedBaselineSentence } from '../report/extended-baseline-text.ts';
import { studyHistory } from '../report/history/history.ts';
import { warningSentences } from '../report/history/warning-sentences.ts';
import { unverifiedSentence } from '../report/measured.ts';
import { decisionMetrics, definitionsOfAll } from '../report/metric-meaning.ts';
import { type MeasuredHistory, type MeasuredRow, withParts } from '../report/parts.ts';
import { type Provenance, provenance } from '../report/provenance.ts';
import { plainReasonOf } from '../report/words.ts';
import { type IsHeld, type StudyActivity, studyActivity } from './study-activity.ts';

/** A run without its curves; `measured`: what was requested of it and measured, null where nothing was stored. */
export type RunView = ReturnType<typeof runView>;

/** The data of a study's page: one page of its history, its runs, and its position in the flowchart. */
export interface StudyView extends MeasuredHistory {
  createdMs: number;
  made: Provenance;
  activity: StudyActivity;
  /** The number of workers above which the guideline tunes at once. */
  threshold: number | null;
  /** Actions in the guideline's order, each once: two entries may take the same action. */
  guidelineActions: string[] | null;
  /** How often each action was taken. */
  actionCounts: { action: IterationAction; count: number }[];
  /** The action of the newest iteration. */
  lastAction: IterationAction | null;
  /** Means of every iteration, thinned if there are many. */
  points: IterationMeans[];
  /** The iterations on this page of the table. */
  range: IterationRange;
  /** Runs of the rows shown, of the baseline, and any that are running. */
  runList: RunView[];
  running: { id: string; key: string; epoch: number }[];
  /** A sentence on why its verdict is unverified; empty if it is verified. */
  unverifiedText: string;
  /** Warnings of its runs, one sentence each. */
  warningTexts: string[];
  /** A sentence on how one worker does when trained as long as the confirmed setting; empty if that does not apply. */
  extendedText: string;
  /** The reason for the newest decision. */
  lastReason: string | null;
  notes: { text: string; runKey: string | null; timeMs: number }[];
}

export interface StudyViewOptions {
  store: Store;
  study: StudyRecord;
  isHeld: IsHeld;
  nowMs: number;
  /** Shows the iterations before this one; by default the newest. */
  before?: number | undefined;
}

/** Number of iterations on one page of the table. */
export const iterationsPerPage = 50;
/** Maximum number of points in a curve over iterations: more than a screen has columns. */
const mostPoints = 1200;

export function studyView({ store, study, isHeld, nowMs, before }: StudyViewOptions): StudyView {
  const end = (store.lastIterationOf(study.id) ?? 0) + 1;
  const to = Math.min(before ?? end, end) - 1;
  const range = { from: Math.max(0, to - iterationsPerPage + 1), to };
  const means = store.iterationMeansOf(study.id, decisionMetrics(study.config));
  const history = withParts(store, study, studyHistory(store, study, { range }));
  const running = store.runningRunsOf(study.id);
  const shown = [...store.runsOfBaseline(study.id), ...store.runsOfRange(study.id, range)];
  const ids = new Set(shown.map(({ id }) => id));
  const guideline = guidelineOf(study.config);
  return {
    ...history,
    definitions: definitionsOfAll(history, history.iterations.concat(history.baseline ?? []).flatMap(measuredOf)),
    createdMs: study.createdMs,
    made: provenance(study),
    activity: studyActivity(store, study, isHeld, nowMs),
    ...guideline,
    actionCounts: store.actionCountsOf(study.id),
    lastAction:
      history.lastIteration === null ? null : (store.iteration(study.id, history.lastIteration)?.action ?? null),
    points: thinned(means),
    range,
    runList: [...shown, ...running.filter(({ id }) => !ids.has(id))].map(runView),
    running: running.map(({ id, key }) => ({ id, key, epoch: store.lastEpochOf(id)?.epoch ?? 0 })),
    unverifiedText: unverifiedSentence(history.unverified),
    warningTexts: warningSentences(history.warnings),
    extendedText: extendedBaselineSentence(history),
    lastReason: plainReasonOf(store.lastDecisionOf(study.id) ?? { reason: null }),
    notes: store.notesOf(study.id),
  };
}

/** Metrics over all classes and of each class. */
function measuredOf({ parts }: MeasuredRow): Record<string, unknown>[] {
  return parts.flatMap(({ metrics, classes }) => [metrics, ...Object.values(classes)]);
}

export function runView(run: RunRecord) {
  return {
    id: run.id,
    key: run.key,
    kind: run.kind,
    iteration: run.iteration,
    workers: run.workers,
    seed: run.seed,
    state: run.state,
    reason: run.reason,
    metrics: run.metrics,
    simulated: run.simulated,
    setting: run.setting,
    startedMs: run.startedMs,
    endedMs: run.endedMs,
    measured: run.measured,
  };
}

/** Keeps the lowest and the highest primary metric of every bucket of neighbours, so that no peak is lost. */
export function thinned(points: readonly IterationMeans[], most = mostPoints): IterationMeans[] {
  if (points.length <= most) return [...points];
  const size = Math.ceil((2 * points.length) / most);
  const primary = ({ means }: IterationMeans) => means[0] ?? Number.NaN;
  const kept: IterationMeans[] = [];
  for (let start = 0; start < points.length; start += size) {
    const bucket = points.slice(start, start + size);
    const lowest = bucket.reduce((a, b) => (primary(b) < primary(a) ? b : a));
    const highest = bucket.reduce((a, b) => (primary(b) > primary(a) ? b : a));
    kept.push(...bucket.filter((one) => one === lowest || one === highest));
  }
  return kept;
}

function guidelineOf(config: unknown): Pick<StudyView, 'threshold' | 'guidelineActions'> {
  const given = isRecord(config) ? config.guideline : undefined;
  const written = typeof given === 'string' ? shippedGuidelines[given] : given;
  const guideline = isRecord(written) ? written : {};
  const { threshold, actions } = guideline;
  return {
    threshold: typeof threshold === 'number' ? threshold : null,
    guidelineActions: Array.isArray(actions)
      ? [
          ...new Set(
            actions.flatMap((one: unknown) => (isRecord(one) && typeof one.action === 'string' ? [one.action] : [])),
          ),
        ]
      : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
