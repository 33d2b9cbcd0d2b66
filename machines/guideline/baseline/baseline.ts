import { type MetricDefinition, signOf } from '../../../src/domain/metric/definition.ts';
import { normalQuantile } from '../../../src/domain/statistics/index.ts';
import { isOneRun } from '../../decision/confirming-difference.ts';
import { number } from '../../decision/format.ts';
import { baselineMoments, ruleFrom } from '../../decision/index.ts';
import { oneRunAgain } from '../../decision/primary.ts';
import type { GuidelineContext } from '../context.ts';

/** Power for which the number of runs is computed when a baseline spreads more than the margin. */
const power = 0.8;

/** Why no comparison with this baseline is possible, or null. */
export function baselineProblem(context: GuidelineContext): string | null {
  const { input, baseline, baselineSummary } = context;
  const rule = ruleFrom(input.rule);
  const count = baselineSummary?.n ?? baseline.length;
  const primary = rule.metrics[0]!;
  if (count < rule.minimumBaselineRuns) {
    return `the rule ${rule.name} needs at least ${rule.minimumBaselineRuns} baseline runs, got ${count}`;
  }
  // A baseline given as statistics may lack the metrics that break ties.
  const needed = rule.definitions === undefined || baselineSummary ? [primary] : rule.metrics;
  for (const metric of needed) {
    const lacking = baseline.find(({ metrics }) => metrics[metric] === undefined);
    if (lacking === undefined) continue;
    const reported = Object.keys(lacking.metrics).join(', ') || 'nothing';
    const what =
      metric === primary
        ? 'the metric to decide on'
        : 'which breaks ties; report it, or leave it out of decision.metrics';
    return `${lacking.key} reported no usable "${metric}", ${what} (it reported ${reported})`;
  }
  return (
    notLearned(context) ??
    tooWide(context) ??
    samePart(context) ??
    (context.input.rule.rule === 'nonInferiority' ? oneRun(context) : null)
  );
}

/** The sentence that ends a study in which a network that learned nothing would pass, or null. */
function tooWide(context: GuidelineContext): string | null {
  const definition = primaryDefinition(context);
  const trivial = trivialOf(context);
  if (definition === null || trivial === null) return null;
  const { primary, mean } = primaryMoments(context);
  const { allowed, name } = allowance(context);
  const gain = signOf(definition) * (mean - trivial);
  if (allowed < gain) return null;
  return (
    `the ${name} ${number(allowed)} is not smaller than what the baseline learned (${primary} ${number(mean)}, a trivial ` +
    `predictor ${number(trivial)}): a network that learned nothing would pass; set decision.${name} well below ${number(gain)}`
  );
}

/** The sentence that ends a study whose test part holds the data that settings are chosen on, or null. */
function samePart({ baseline, input }: GuidelineContext): string | null {
  const primary = ruleFrom(input.rule).metrics[0]!;
  // A single run, or perfect ones, may be equal by chance.
  if (new Set(baseline.map(({ metrics }) => metrics[primary])).size < 2) return null;
  const same = baseline.every(
    ({ metrics, confirming }) =>
      confirming && Object.entries(metrics).every(([name, value]) => Object.is(confirming.metrics[name], value)),
  );
  if (!same) return null;
  const [first] = baseline;
  return (
    `the parts "${first?.split}" and "${first?.confirming?.split}" gave the same numbers to the last digit in each of ` +
    `${baseline.length} baseline runs: they are the same data, so that nothing would be confirmed; keep data apart that no setting is chosen on`
  );
}

function allowance({ input: { rule } }: GuidelineContext): { allowed: number; name: 'tolerance' | 'margin' } {
  return rule.rule === 'thesis'
    ? { allowed: rule.tolerance, name: 'tolerance' }
    : { allowed: rule.margin, name: 'margin' };
}

/** The sentence that ends a study whose single worker is no better than a predictor that learned nothing, or null. */
function notLearned(context: GuidelineContext): string | null {
  const definition = primaryDefinition(context);
  const trivial = trivialOf(context);
  if (definition === null || trivial === null) return null;
  const { metrics, primary, mean, spread, n } = primaryMoments(context);
  const digits = 3;
  const gain = signOf(definition) * (mean - trivial);
  if (gain > Math.max(spread ?? 0, 1e-9)) return null;
  const unit = definition.unit === null ? '' : ` ${definition.unit}`;
  const around = spread === null ? '' : ` (spread ${number(spread, digits)} over ${n} runs)`;
  return (
    `the baseline did not learn: its ${primary} ${number(mean, digits)}${unit}${around} is not better than the ` +
    `${number(trivial, digits)}${unit} of a trivial predictor (an empty mask, or one class everywhere)` +
    `${gain > 0 ? ' by more than its own spread' : ''}, so no comparison with it means anything; ` +
    `train it longer, change setting.initialLr, or check the data and the ${metrics.length > 1 ? 'metrics' : 'metric'}`
  );
}

/** Remarks on an accepted baseline: the trivial result is unknown, its runs do not differ or spread too much. */
export function baselineRemarks(context: GuidelineContext): { text: string; observed: Record<string, number> } {
  const { rule } = context.input;
  const definition = primaryDefinition(context);
  if (definition === null) return { text: '', observed: {} };
  const { primary, spread } = primaryMoments(context);
  const trivial = trivialOf(context);
  const unknown = trivial === null ? `; ${trivialUnknown(primary)}` : '';
  const { allowed, name } = allowance(context);
  const observed: Record<string, number> = trivial === null ? {} : { trivial };
  // Under the rule that uses the spread this is a problem instead.
  const same = oneRun(context);
  const said = `${unknown}${same === null ? '' : `; warning: ${same}`}`;
  if (spread === null || spread <= allowed || allowed === 0) return { text: said, observed };
  const alpha = rule.rule === 'thesis' ? 0.05 : rule.alpha / 2;
  const runsNeeded = Math.ceil(2 * ((normalQuantile(1 - alpha) + normalQuantile(power)) * (spread / allowed)) ** 2);
  const wide =
    `; warning: the baseline's spread ${number(spread)} is above the ${name} ${number(allowed)}: ` +
    `to tell a loss of that size from chance takes about ${runsNeeded} runs of one worker and ${runsNeeded} of ${context.input.workers}`;
  return { text: `${said}${wide}`, observed: { ...observed, spread, runsNeeded } };
}

/** The sentence on a baseline whose runs with different seeds do not differ; null when they do. */
function oneRun(context: GuidelineContext): string | null {
  const { primary, mean, spread, n } = primaryMoments(context);
  if (spread === null || !isOneRun({ mean, variance: spread ** 2, n }, allowance(context).allowed)) return null;
  return `the ${n} baseline runs have the ${primary} ${number(mean)}: ${oneRunAgain(primary)}`;
}

/** A verdict's remark when it is unknown what a predictor that learned nothing would reach; empty when known. */
export function trivialRemark(context: GuidelineContext): string {
  if (primaryDefinition(context) === null || trivialOf(context) !== null) return '';
  return ` (${trivialUnknown(ruleFrom(context.input.rule).metrics[0]!)})`;
}

function trivialUnknown(primary: string): string {
  return `what a trivial predictor's ${primary} would be is not known, so that the baseline learned was not checked`;
}

/** Null in studies and replays without metric definitions. */
function primaryDefinition({ input }: GuidelineContext): MetricDefinition | null {
  const { metrics, definitions } = input.rule;
  return definitions?.[metrics[0]!] ?? null;
}

/** The best result of a predictor that learned nothing, among those the runs reported and the metric's own. */
function trivialOf(context: GuidelineContext): number | null {
  const definition = primaryDefinition(context);
  if (definition === null) return null;
  const primary = context.input.rule.metrics[0]!;
  const reported = context.baseline.flatMap(({ trivial }) => trivial?.[primary] ?? []);
  const known = definition.trivial === null ? reported : [...reported, definition.trivial];
  if (known.length === 0) return null;
  return definition.direction === 'lower' ? Math.min(...known) : Math.max(...known);
}

function primaryMoments({ input, baseline, baselineSummary }: GuidelineContext) {
  const { metrics } = ruleFrom(input.rule);
  const primary = metrics[0]!;
  const standing = { baseline: baseline.map((run) => run.metrics), baselineSummary, candidate: 0 };
  const { mean, variance, n } = baselineMoments(standing, primary);
  const spread = Math.sqrt(variance);
  return { metrics, primary, mean, spread: Number.isFinite(spread) ? spread : null, n };
}
