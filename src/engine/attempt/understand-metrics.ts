import { declarationLine, type MetricDefinition, type MetricDefinitions } from '../../domain/metric/definition.ts';
import type { Metrics } from '../../domain/metric/metrics.ts';

/** The scale on which a study's trainer reports shares of 1. */
export type MetricScale = 'fraction' | 'percent';

export type UnderstoodMetrics =
  /** `metrics`: as stored, with shares of 1 as fractions. `settles`: the scale these values fix for the whole study. */
  | { state: 'understood'; metrics: Metrics; trivial: Metrics | null; warnings: string[]; settles: MetricScale | null }
  /** The run is useless for the decision; `reason` says what to change. */
  | { state: 'wrong'; reason: string }
  | { state: 'notFinite'; reason: string };

export interface UnderstandOptions {
  /** As the trainer reported them. */
  reported: Metrics;
  /** Scores of a trivial predictor on the same data and scale; null if the trainer does not report them. */
  trivial?: Metrics | null | undefined;
  /** Names of the metrics the study decides on, the primary first. */
  wanted: readonly string[];
  definitions: MetricDefinitions;
  /** The study's scale; null until settled. */
  scale: MetricScale | null;
  /** What settled the scale, for messages; null if it was declared. */
  settledBy: string | null;
}

/** Values above 1 by no more than this are rounded fractions. */
const slack = 1e-6;

/** Converts the metrics of a user's program to the study's names and to fractions, with a warning per change. */
export function understandMetrics(options: UnderstandOptions): UnderstoodMetrics {
  const { reported, wanted, definitions } = options;
  const warnings: string[] = [];
  const named = renamed(reported, wanted, warnings);
  const [primary = ''] = wanted;
  const seen = Object.keys(reported);
  const value = named[primary];
  if (value === undefined) {
    return {
      state: 'wrong',
      reason: `the evaluation has no "${primary}", only ${list(seen)}. Report it as "${primary}", or name the trainer's own in decision.metrics: [${seen.slice(0, 3).join(', ')}]`,
    };
  }
  if (!Number.isFinite(value)) {
    return { state: 'notFinite', reason: `the evaluation's ${primary} is ${value}` };
  }
  const missing = wanted.filter((name) => named[name] === undefined);
  if (missing.length > 0) {
    warnings.push(
      `The evaluation has no ${list(missing)} to break ties of ${primary}. Report it, or leave it out of decision.metrics.`,
    );
  }
  const present = wanted.filter((name) => Number.isFinite(named[name]));
  const unknown = present.find((name) => definitions[name] === undefined);
  if (unknown !== undefined) return { state: 'wrong', reason: unknownMetric(unknown) };
  return scaled({ ...options, metrics: named, present, warnings });
}

/** Why an undeclared metric cannot be decided on, with the declaration to write. */
export function unknownMetric(name: string): string {
  return `it is not known which values of "${name}" are better. Add under decision in the study: ${declarationLine(name)} (direction: lower if lower is better), or let the trainer declare it when it starts`;
}

/** `Dice`, `DICE` and `mean_iou` are read as `dice` and `meanIoU`. */
function renamed(reported: Metrics, wanted: readonly string[], warnings: string[]): Metrics {
  const metrics = { ...reported };
  for (const name of wanted) {
    if (metrics[name] !== undefined) continue;
    const alias = Object.keys(reported).filter((candidate) => plain(candidate) === plain(name));
    const [only] = alias;
    if (only === undefined || alias.length > 1) continue;
    metrics[name] = reported[only] ?? Number.NaN;
    delete metrics[only];
    warnings.push(`The trainer reports "${only}", which was read as "${name}". Report it under that name.`);
  }
  return metrics;
}

interface ScaledOptions extends UnderstandOptions {
  metrics: Metrics;
  present: readonly string[];
  warnings: string[];
}

function scaled(options: ScaledOptions): UnderstoodMetrics {
  const { metrics, present, definitions, settledBy, warnings } = options;
  const wrong = (reason: string): UnderstoodMetrics => ({ state: 'wrong', reason });
  const shares = present.filter((name) => definitions[name]!.fraction && definitions[name]!.scale === undefined);
  const large = shares.find((name) => Math.abs(metrics[name]!) > 1 + slack);
  const scale = options.scale ?? (large === undefined ? 'fraction' : 'percent');
  const small = shares.find((name) => metrics[name] !== 0 && Math.abs(metrics[name]!) <= 1);
  if (options.scale === null && large !== undefined && small !== undefined) {
    return wrong(
      `the evaluation's ${large} is ${metrics[large]}, which is percent, and its ${small} is ${metrics[small]}, which may be either. Declare the scale of each: metrics: [{ name: ${large}, scale: percent }, { name: ${small}, scale: fraction }]`,
    );
  }
  const stored = { ...metrics };
  const trivial = options.trivial === null || options.trivial === undefined ? null : { ...options.trivial };
  for (const name of present) {
    const [value, definition] = [metrics[name]!, definitions[name]!];
    const percent = definition.fraction && (definition.scale ?? scale) === 'percent';
    const open = definition.scale === undefined && settledBy !== null;
    if (percent && open && value !== 0 && Math.abs(value) <= 1) {
      if (definition.direction === 'lower') {
        return wrong(
          `the evaluation's ${name} is ${value}, but ${settledBy} reported percent, and a value this small may be a fraction. Declare it: metrics: [{ name: ${name}, scale: percent }]`,
        );
      }
      warnings.push(
        `The evaluation's ${name} is ${value}; ${settledBy} reported percent, so it was read as ${value} %.`,
      );
    }
    const read = percent ? value / 100 : value;
    if (!within(read, definition)) return wrong(outside(name, options, percent));
    stored[name] = Math.abs(read) > 1 && Math.abs(read) <= 1 + slack && definition.fraction ? Math.sign(read) : read;
    if (trivial !== null && trivial[name] !== undefined && percent) trivial[name] /= 100;
  }
  if (options.scale === null && large !== undefined) {
    warnings.push(
      `The trainer reports percent (${large} ${metrics[large]}); this value and every later one of this study are divided by 100. Report fractions, or set trainer.metricScale: percent.`,
    );
  }
  const settles = options.scale === null && shares.length > 0 ? scale : null;
  return { state: 'understood', metrics: stored, trivial, warnings, settles };
}

function within(value: number, { bounds: [low, high] }: MetricDefinition): boolean {
  return (low === null || value >= low - slack) && (high === null || value <= high + slack);
}

function outside(name: string, { metrics, definitions, settledBy }: ScaledOptions, percent: boolean): string {
  const [value, { fraction, unit, bounds }] = [metrics[name], definitions[name]!];
  const [low, high] = bounds.map((end) => (end === null ? null : percent ? 100 * end : end));
  const range = high === null ? `below ${low}` : low === null ? `above ${high}` : `not from ${low} to ${high}`;
  const is = `the evaluation's ${name} is ${value}, which is ${range}${unit === null ? '' : ` ${unit}`}${percent ? ' percent' : ''}`;
  if (!fraction)
    return `${is}. Report what the name means, or declare its bounds: metrics: [{ name: ${name}, bounds: [null, null] }]`;
  const settled =
    settledBy === null || percent ? '' : `, and ${settledBy} established that this study's metrics are fractions`;
  return `${is}${settled}. Report accuracies as fractions from 0 to 1, or set trainer.metricScale: percent for 0 to 100`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ');
}
