import { configuredMetrics, declarationOf, metricNames } from '../../config/decision-metrics.ts';
import { isBaselineGiven } from '../../config/given-baseline.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { canonicalJson } from '../../domain/hash.ts';
import { defineMetric, inFractions, type MetricDefinitions } from '../../domain/metric/definition.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';
import type { OnProgress } from '../../domain/progress.ts';
import {
  type MetricScale,
  type UnderstoodMetrics,
  understandMetrics,
  unknownMetric,
} from '../attempt/understand-metrics.ts';
import type { StudyMetrics } from './metric-meaning.ts';
import type { OpenStudy, Plan } from './plan.ts';

export interface StudyMetricsOptions {
  /** Records what the metrics mean. */
  plan: Plan;
  /** Reports it as progress, too. */
  say?: OnProgress;
  /** Whether results are entered by hand, whatever trainer the config names. */
  byHand?: boolean;
}

/** The scale of a study's shares of 1; `scale` is null until settled, `settledBy` is null if it was declared. */
export interface SettledScale {
  scale: MetricScale | null;
  settledBy: string | null;
}

/** The scale of a study's metrics, from its config, its events, or the baseline that an earlier version trained. */
export function scaleOf({ store, study, config }: OpenStudy, { byHand = false } = {}): SettledScale {
  const { trainer } = config;
  if (trainer.kind !== 'command' && !byHand) return { scale: 'fraction', settledBy: null };
  if (trainer.kind === 'command' && trainer.metricScale !== 'auto') {
    return { scale: trainer.metricScale, settledBy: null };
  }
  const settled = store.lastEventOf(study.id, ['scale.settled'])?.event;
  if (settled !== undefined) return { scale: settled.scale, settledBy: settled.by };
  if (isBaselineGiven(config)) {
    return { scale: 'fraction', settledBy: 'the given baseline' };
  }
  const wanted = metricNames(config.decision);
  const values = store
    .runsOf(study.id)
    .filter(({ kind, state }) => kind === 'baseline' && state === 'finished')
    .flatMap(({ id }) => store.evaluationsOf(id))
    .flatMap(({ metrics }) => wanted.flatMap((name) => metrics[name] ?? []));
  if (values.length === 0) return { scale: null, settledBy: null };
  return { scale: values.some((value) => value > 1) ? 'percent' : 'fraction', settledBy: 'the baseline' };
}

function hasResults({ store, study }: Pick<OpenStudy, 'store' | 'study'>): boolean {
  return store.eventsOf(study.id, { types: ['run.finished', 'run.diverged', 'baseline.given'], limit: 1 }).length > 0;
}

/** Refuses a study judged by an earlier version, which took higher to be better for every metric. */
export function requireDirection(open: Omit<OpenStudy, 'now'>): void {
  const { store, study, config } = open;
  if (store.lastEventOf(study.id, ['metrics.known']) !== undefined || !hasResults(open)) return;
  const known = configuredMetrics(config.decision);
  const lower = metricNames(config.decision).find((name) => known[name]?.direction === 'lower');
  if (lower === undefined) return;
  throw new AutopilotError(
    'study.direction',
    `Study "${config.name}" was judged by an earlier version as if higher ${lower} were better, so its verdicts do not hold. Start it again under another name (name: ..., or --fresh-name).`,
  );
}

export function studyMetrics(
  open: OpenStudy,
  { plan, say = () => {}, byHand = false }: StudyMetricsOptions,
): StudyMetrics {
  const { store, config, now } = open;
  const studyId = open.study.id;
  const wanted = metricNames(config.decision);

  function stored(): MetricDefinitions | null {
    return store.lastEventOf(studyId, ['metrics.known'])?.event.metrics ?? null;
  }

  function definitions(): MetricDefinitions {
    return stored() ?? configuredMetrics(config.decision);
  }

  function understand(reported: Metrics, trivial: Metrics | null = null): UnderstoodMetrics {
    return understandMetrics({ reported, trivial, wanted, definitions: definitions(), ...scaleOf(open, { byHand }) });
  }

  function know(metrics: MetricDefinitions): void {
    plan.record({ type: 'metrics.known', metrics });
    say({ type: 'metrics.known', metrics });
  }

  function settle(scale: MetricScale, by: string): void {
    store.appendEvent(studyId, { type: 'scale.settled', scale, by }, now());
  }

  return {
    begin() {
      const before = stored();
      if (before !== null) {
        say({ type: 'metrics.known', metrics: before });
        return;
      }
      requireDirection(open);
      know(configuredMetrics(config.decision));
    },
    declare({ metrics: declared = {} }) {
      const known = definitions();
      const next: MetricDefinitions = {};
      for (const name of wanted) {
        const says = declared[name];
        const own = declarationOf(config.decision, name);
        const before = known[name];
        const merged = says === undefined ? before : defineMetric(name, { ...says, ...own });
        if (merged === null || merged === undefined) return unknownMetric(name);
        const decided = own.direction ?? before?.direction;
        if (says?.direction !== undefined && decided !== undefined && says.direction !== decided) {
          return `the trainer says that ${says.direction} ${name} is better, the study says ${decided}. Correct one of them: metrics: [{ name: ${name}, direction: ${says.direction} }]`;
        }
        if (says?.scale !== undefined && own.scale !== undefined && says.scale !== own.scale) {
          return `the trainer gives ${name} the scale ${says.scale}, the study ${own.scale}. Correct one of them`;
        }
        next[name] = merged;
      }
      if (canonicalJson(next) === canonicalJson(known)) return null;
      const changed = wanted.find((name) => canonicalJson(next[name]) !== canonicalJson(known[name] ?? null)) ?? '';
      if (hasResults(open) && known[changed] !== undefined) {
        return `the trainer now declares ${changed} differently than when the study's first results came in, so results would not be comparable. Declare it as before, or start a new study`;
      }
      know(next);
      return null;
    },
    definitions,
    understand,
    understandFrom(key, reported, trivial = null) {
      const understood = understand(reported, trivial);
      if (understood.state === 'understood' && understood.settles !== null) settle(understood.settles, key);
      return understood;
    },
    inFractions: (metrics) =>
      inFractions(metrics, { definitions: definitions(), scale: scaleOf(open, { byHand }).scale }),
    settle,
  };
}
