import { basename } from 'node:path';
import type {
  EpochRecord,
  EvaluationRecord,
  RunRecord,
  Store,
  StudyRecord,
  SystemSampleRecord,
} from '../../db/index.ts';
import type { MetricDefinitions } from '../domain/metric/definition.ts';
import type { ClassMetrics, Metrics } from '../domain/metric/metrics.ts';
import { noiseScale } from '../domain/noise-scale.ts';
import { labelColour } from '../domain/palette.ts';
import { rowMeasurement, unverifiedSentence } from '../report/measured.ts';
import { definitionsOfAll, type MetricMeaning, metricMeaning, storedInFractions } from '../report/metric-meaning.ts';
import { finalEvaluations } from '../report/parts.ts';
import { type Provenance, provenance } from '../report/provenance.ts';
import { type RunView, runView } from './study-view.ts';

/** One epoch of a curve. */
export interface CurvePoint extends Pick<EpochRecord, 'epoch' | 'phase' | 'lr' | 'loss' | 'metrics'> {
  /** Metrics of each class by name; null where none were reported. */
  classes: ClassMetrics | null;
  /** The gradient noise scale, in samples; null where it was not measured. */
  noiseScale: number | null;
}

/** Resource use of one rank's machine: its samples as columns. */
export interface RankSeries {
  rank: number;
  /** Seconds since the run's first sample. */
  seconds: number[];
  values: Record<ResourceName, (number | null)[]>;
}

export const resourceNames = [
  'stepsPerSecond',
  'cpuPercent',
  'memoryBytes',
  'networkReceiveBytes',
  'networkTransmitBytes',
  'gpuPercent',
  'gpuMemoryBytes',
] as const;
export type ResourceName = (typeof resourceNames)[number];

/** Maximum number of points in a curve over epochs, of points per rank in a resource plot, and of ranks drawn. */
const most = { epochs: 1000, samples: 240, ranks: 32 };

/** The data of a run's page. */
export function runPage(store: Store, run: RunRecord) {
  const study = store.study(run.studyId);
  const meaning = meaningOf(store, study);
  const evaluations = finalEvaluations(store, run, meaning);
  const curve = curveOf(store, run.id, meaning);
  return {
    study: study?.name,
    studyKind: study?.kind ?? null,
    made: study ? provenance(study) : null,
    epochs: run.setting.epochs ?? study?.epochs,
    primary: meaning.metrics[0] ?? null,
    definitions: definitionsOfAll(meaning, [run.metrics, ...evaluations.flatMap(metricsOf), ...classMetricsOf(curve)]),
    run: runView(run),
    unverifiedText: unverifiedSentence(rowMeasurement([run]).unverified),
    warnings: store.warningsOf(run.studyId, run.key).map(({ message }) => message),
    curve,
    attempts: store.attemptsOf(run.id),
    evaluations,
    resources: rankSeries(store.thinnedSamplesOf(run.id, { points: most.samples, ranks: most.ranks })),
    classColours: classColours(evaluations),
    predictions: store
      .artifactsOfRun(run.id)
      .filter((artifact) => artifact.kind === 'prediction')
      .map((artifact) => ({ file: basename(artifact.path), detail: artifact.detail })),
  };
}

/** One of the runs compared side by side. */
export interface ComparedRun {
  study: string;
  studyKind: StudyRecord['kind'] | null;
  made: Provenance | null;
  /** Host of its last attempt; null if the trainer did not report one. */
  host: string | null;
  run: RunView;
  primary: string | null;
  definitions: MetricDefinitions;
  curve: CurvePoint[];
}

/** The data of the page that compares runs. Runs that are not stored are left out. */
export function comparedRuns(store: Store, ids: readonly string[]): ComparedRun[] {
  return ids.flatMap((id) => {
    const run = store.run(id);
    if (run === undefined) return [];
    const study = store.study(run.studyId);
    const meaning = meaningOf(store, study);
    const definitions = definitionsOfAll(meaning, [run.metrics]);
    const [primary = null] = meaning.metrics;
    const curve = curveOf(store, id, meaning);
    const host = store.attemptsOf(run.id).at(-1)?.environment?.host;
    return [
      {
        study: study?.name ?? run.studyId,
        studyKind: study?.kind ?? null,
        made: study ? provenance(study) : null,
        host: typeof host === 'string' ? host : null,
        run: runView(run),
        ...{ primary, definitions, curve },
      },
    ];
  });
}

function meaningOf(store: Store, study: StudyRecord | undefined): MetricMeaning {
  return study ? metricMeaning(store, study) : { metrics: [], definitions: {}, reportedInPercent: false };
}

function metricsOf({ metrics, classes }: EvaluationRecord): Metrics[] {
  return [metrics, ...Object.values(classes ?? {})];
}

/** Class metrics of the newest epoch: the names are the same in every epoch. */
function classMetricsOf(curve: readonly CurvePoint[]): Metrics[] {
  return Object.values(curve.at(-1)?.classes ?? {});
}

/** The colours of the classes in the embedded trainer's pictures. */
function classColours(evaluations: readonly EvaluationRecord[]): { name: string; colour: string }[] {
  const names = Object.keys(evaluations[0]?.classes ?? {});
  return names.map((name, index) => ({ name, colour: `rgb(${labelColour(index + 1).join(' ')})` }));
}

function curveOf(store: Store, runId: string, meaning: MetricMeaning): CurvePoint[] {
  const read = storedInFractions(meaning);
  return store.thinnedEpochsOf(runId, most.epochs).map(({ epoch, phase, lr, loss, metrics, classes, measured }) => ({
    ...{ epoch, phase, lr, loss, metrics: read(metrics) },
    classes: classes && Object.fromEntries(Object.entries(classes).map(([name, own]) => [name, read(own)])),
    noiseScale: measured?.gradientNoise === undefined ? null : noiseScale(measured.gradientNoise),
  }));
}

export function rankSeries(samples: readonly SystemSampleRecord[]): RankSeries[] {
  const start = samples[0]?.timeMs ?? 0;
  const ranks = new Map<number, RankSeries>();
  for (const sample of samples) {
    let series = ranks.get(sample.rank);
    if (series === undefined) {
      const values = Object.fromEntries(resourceNames.map((name) => [name, []])) as unknown as RankSeries['values'];
      series = { rank: sample.rank, seconds: [], values };
      ranks.set(sample.rank, series);
    }
    series.seconds.push((sample.timeMs - start) / 1000);
    for (const name of resourceNames) series.values[name].push(sample[name]);
  }
  return [...ranks.values()].sort((a, b) => a.rank - b.rank);
}
