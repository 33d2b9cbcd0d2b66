import type { Store, StudyRecord } from '../../db/index.ts';
import { configuredMetrics } from '../config/decision-metrics.ts';
import { type MetricItem, metricDeclaration } from '../config/sections/decision.ts';
import { inFractions, knownMetric, type MetricDefinitions, metricNamed } from '../domain/metric/definition.ts';
import { defaultDecisionMetrics, type Metrics } from '../domain/metric/metrics.ts';

/** What the numbers of a study mean, for the code that prints them. */
export interface MetricMeaning {
  /** Names of the decision metrics, the primary first. */
  metrics: string[];
  /** By name: each of `metrics`, and any others that the study has settled. */
  definitions: MetricDefinitions;
  /**
   * Whether the trainer reports shares of 1 in percent: results of runs are stored as fractions, epochs and evaluations
   * as reported.
   */
  reportedInPercent: boolean;
}

export type StoredMeaning = Pick<MetricMeaning, 'definitions' | 'reportedInPercent'>;

/** As the study settled it; in a study of a version that settled nothing, by the config, then by the metrics' names. */
export function metricMeaning(store: Store, study: StudyRecord): MetricMeaning {
  const metrics = decisionMetrics(study.config);
  const settled = store.lastEventOf(study.id, ['metrics.known'])?.event.metrics;
  const definitions = settled ?? configuredMetrics({ metrics: declared(study.config) });
  const scale = store.lastEventOf(study.id, ['scale.settled'])?.event.scale;
  const trainer = recordOf(recordOf(study.config).trainer);
  return {
    metrics,
    definitions: {
      ...definitions,
      ...Object.fromEntries(metrics.map((name) => [name, metricNamed(name, definitions)])),
    },
    reportedInPercent: scale === 'percent' || trainer.metricScale === 'percent',
  };
}

/** The metrics that the stored config names; the thesis's where it names none. */
export function decisionMetrics(config: unknown): string[] {
  const items = metricItems(config);
  return items.length === 0 ? defaultDecisionMetrics : items.map((item) => String(recordOf(item).name ?? item));
}

function declared(config: unknown): MetricItem[] {
  return metricItems(config).flatMap((item): MetricItem[] => {
    const declaration = metricDeclaration.safeParse(item);
    return declaration.success ? [declaration.data] : typeof item === 'string' ? [item] : [];
  });
}

function metricItems(config: unknown): unknown[] {
  const { metrics } = recordOf(recordOf(config).decision);
  return Array.isArray(metrics) ? metrics : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Converts what is stored as the trainer reported it, epochs and evaluations, to the scale of the runs' results. */
export function storedInFractions({ definitions, reportedInPercent }: StoredMeaning) {
  const scale = reportedInPercent ? 'percent' : null;
  return <Reported extends Metrics | null>(metrics: Reported): Reported | Metrics =>
    metrics === null ? metrics : inFractions(metrics, { definitions, scale });
}

/** Definitions of all metrics measured: the study's, else the one known by name; an unknown metric has none. */
export function definitionsOfAll(
  { definitions }: Pick<MetricMeaning, 'definitions'>,
  measured: readonly (Readonly<Record<string, unknown>> | null)[],
): MetricDefinitions {
  const names = [...new Set(measured.flatMap((metrics) => Object.keys(metrics ?? {})))];
  const known = names.flatMap((name) => {
    const definition = definitions[name] ?? knownMetric(name);
    return definition === null ? [] : [[name, definition] as const];
  });
  return { ...definitions, ...Object.fromEntries(known) };
}
