import type { Metrics } from '../../domain/metrics.ts';

export type UnderstoodMetrics =
  | { state: 'understood'; metrics: Metrics; warnings: string[] }
  /** The training is lost for the decision; `reason` says what to change. */
  | { state: 'wrong'; reason: string }
  | { state: 'notFinite'; reason: string };

export interface UnderstandOptions {
  /** As the trainer reported them. */
  reported: Metrics;
  /** Names the study decides on, the primary first. */
  wanted: readonly string[];
  scale: 'auto' | 'fraction' | 'percent';
}

/** Brings what a stranger's program reports to the study's names and to fractions, and says what it had to change. */
export function understandMetrics({ reported, wanted, scale }: UnderstandOptions): UnderstoodMetrics {
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
      `The evaluation has no ${list(missing)}; ties of ${primary} cannot be broken by it. Report it, or leave it out of decision.metrics.`,
    );
  }
  return scaled({ metrics: named, wanted, scale, warnings });
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

function scaled(options: {
  metrics: Metrics;
  wanted: readonly string[];
  scale: UnderstandOptions['scale'];
  warnings: string[];
}): UnderstoodMetrics {
  const { metrics, wanted, scale, warnings } = options;
  const present = wanted.filter((name) => metrics[name] !== undefined);
  const values = present.map((name) => metrics[name] ?? 0).filter(Number.isFinite);
  const percent = scale === 'percent' || (scale === 'auto' && values.some((value) => value > 1));
  const limit = percent ? 100 : 1;
  const outside = present.find((name) => {
    const value = metrics[name] ?? 0;
    return value < 0 || value > limit;
  });
  if (outside !== undefined) {
    return {
      state: 'wrong',
      reason: `the evaluation's ${outside} is ${metrics[outside]}. Report accuracies as fractions from 0 to 1, or set trainer.metricScale: percent for 0 to 100`,
    };
  }
  if (!percent) return { state: 'understood', metrics, warnings };
  const fractions = { ...metrics };
  for (const name of present) fractions[name] = (metrics[name] ?? 0) / 100;
  if (scale === 'auto') {
    warnings.push(
      `The trainer reports percent (${present[0]} ${metrics[present[0] ?? '']}); it was divided by 100. Report fractions, or set trainer.metricScale: percent.`,
    );
  }
  return { state: 'understood', metrics: fractions, warnings };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ');
}
