import type { NonInferiorityRuleConfig } from '../../src/domain/decision-rule.ts';
import type { ClassMetrics } from '../../src/domain/metric/metrics.ts';
import { momentsOf, type SampleMoments, studentTCdf } from '../../src/domain/statistics/index.ts';
import { confirmingDifference } from './confirming-difference.ts';
import { lookLevel } from './error-spending.ts';
import { digitsFor, number, signed, spreadText } from './format.ts';
import { directionOf, mean, unitOf } from './primary.ts';
import { tailLoss, widened, winsorizedVariance } from './rare-bad-runs.ts';

/** One run's metrics by class; undefined when it reports none. */
export type RunClasses = ClassMetrics | undefined;

/** A class whose mean metric is at most this was never found: an empty mask scores 0. */
const unfound = 0.01;
/** Metrics of how well a class is found: fractions, higher is better; the first one reported is used. */
const foundBy = ['dice', 'f1', 'iou', 'recall', 'sensitivity', 'accuracy'];

export interface ClassValues {
  name: string;
  /** Name of the metric: the one that decides, if the classes report it. */
  metric: string;
  /** One per run that reports it, in order. */
  values: number[];
}

/** Each class's values over runs, by the metric of how well it is found; empty when no such metric is reported. */
export function classValues(runs: readonly RunClasses[], primary: string): ClassValues[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run ?? {})))];
  return names.flatMap((name) => {
    const reported = runs.map((run) => run?.[name]).filter((each) => each !== undefined);
    const metric = [...(foundBy.includes(primary) ? [primary] : []), ...foundBy].find((candidate) =>
      reported.some((each) => Number.isFinite(each[candidate])),
    );
    if (metric === undefined) return [];
    const values = reported.flatMap((each) => (Number.isFinite(each[metric]) ? [each[metric] ?? 0] : []));
    return [{ name, metric, values }];
  });
}

/** The classes that no run found: `"tumour" (dice 0.000)`. */
export function neverFound(runs: readonly RunClasses[], primary: string): string[] {
  return classValues(runs, primary)
    .filter(({ values }) => mean(values) <= unfound)
    .map(({ name, metric, values }) => `"${name}" (${metric} ${number(mean(values))})`);
}

export interface CompareClassesOptions {
  /** One entry per run. */
  runs: readonly RunClasses[];
  baseline: readonly RunClasses[];
  primary: string;
  margin: number;
}

/**
 * The classes that one worker finds and these runs lose: less than half of the baseline's mean is left, and the loss
 * exceeds both the margin and three of the baseline's standard deviations; or some run no longer reports the class.
 */
export function lostClasses({ runs, baseline, primary, margin }: CompareClassesOptions): string[] {
  const now = classValues(runs, primary);
  return classValues(baseline, primary).flatMap(({ name, metric, values }) => {
    const reference = momentsOf(values);
    if (reference.mean <= unfound) return [];
    const own = now.find((each) => each.name === name);
    if (own === undefined || own.values.length < runs.length)
      return [`"${name}" (${metric} ${number(reference.mean)} → not reported)`];
    const left = mean(own.values);
    const spread = values.length > 1 ? Math.sqrt(reference.variance) : 0;
    const lost = left < reference.mean / 2 && reference.mean - left > Math.max(margin, 3 * spread);
    return lost ? [`"${name}" (${metric} ${number(reference.mean)} → ${number(left)})`] : [];
  });
}

export interface EachClassOptions extends CompareClassesOptions {
  rule: NonInferiorityRuleConfig;
  /** Per other setting, its validating runs' classes, for `tailLoss` and `winsorizedVariance`; left out: none. */
  others?: readonly (readonly RunClasses[])[] | undefined;
  /** As in `Standing`. */
  unspent?: number | undefined;
  earlierRuns?: number | undefined;
}

export interface EachClass {
  shown: boolean;
  /** Each class's difference to the baseline, by `class NAME`; null when no run reports it. */
  observed: Record<string, number | null>;
  /** `every class within the margin: "liver" −0.001, "tumour" +0.002`. */
  saw: string;
}

/**
 * Non-inferiority of every class by Welch's one-sided test, with the margin of the mean and its level at this look,
 * corrected for the number of classes by Holm's step-down: the i-th smallest p value of m is held to the level that
 * α / (m − i + 1) gives. As a closed test over the looks, it keeps the study's α for every class that it names. It
 * compares the metric that decides, in its own unit and direction or, if that is a fraction that no class reports, the
 * metric of how well a class is found.
 */
export function eachClass({
  runs,
  baseline,
  primary,
  margin,
  rule,
  others = [],
  unspent,
  earlierRuns = 0,
}: EachClassOptions): EachClass {
  const unit = unitOf(primary, rule.definitions);
  const reference = decidingValues(baseline, primary, rule);
  const now = decidingValues(runs, primary, rule);
  const ofOthers = others.map((other) => decidingValues(other, primary, rule));
  const compared = reference.map(({ name, metric, values }) => {
    const own = now.find((each) => each.name === name)?.values ?? [];
    const complete = own.length === runs.length && own.length >= 2 && values.length >= 2;
    const sign = metric === primary ? directionOf(primary, rule.definitions) : 1;
    const before = momentsOf(values);
    const upwards = (classes: readonly ClassValues[]) =>
      (classes.find((each) => each.name === name)?.values ?? []).map((value) => sign * value);
    const [mine, theirs] = [upwards(now), ofOthers.map(upwards)];
    const tail = tailLoss(mine, theirs);
    const room = margin - tail;
    const pooled = earlierRuns > 0 ? winsorizedVariance(mine, theirs) : 0;
    const shown = momentsOf(own);
    const sample = widened(shown, pooled);
    return {
      name,
      tail,
      spread: complete ? spreadText({ own: shown.variance, counted: sample.variance, pooled, of: 'validated' }) : null,
      difference: own.length === 0 ? null : mean(own) - before.mean,
      p: complete ? pValue({ sample, reference: before, margin: room, sign }) : 1,
    };
  });
  if (compared.length === 0) {
    return {
      shown: false,
      observed: {},
      saw: `not shown for any class: the baseline reports no ${primary} of a class`,
    };
  }
  const ordered = [...compared].sort((a, b) => a.p - b.p);
  const open = ordered.findIndex(({ p }, index) => {
    const alpha = rule.alpha / (ordered.length - index);
    const looks = { alpha, unspent, earlierRuns, baselineRuns: baseline.length, maxRuns: rule.maxRuns };
    const level = lookLevel(looks, runs.length);
    return level === undefined || p > level;
  });
  const notShown = open < 0 ? [] : ordered.slice(open);
  const observed = Object.fromEntries(compared.map(({ name, difference }) => [`class ${name}`, difference]));
  const asOthers = ({ tail, spread }: (typeof compared)[number]) => {
    const said = [
      ...(tail > 0
        ? [`${number(tail, digitsFor(tail, 0))}${unit} worse with the rare bad runs of other settings`]
        : []),
      ...(spread === null ? [] : [spread]),
    ];
    return said.length === 0 ? '' : ` (${said.join('; ')})`;
  };
  const list = (classes: typeof compared) =>
    classes
      .map((each) =>
        each.difference === null
          ? `"${each.name}" not reported`
          : `"${each.name}" ${signed(each.difference, digitsFor(each.difference, -margin))}${unit}${asOthers(each)}`,
      )
      .join(', ');
  const limit = signed(-directionOf(primary, rule.definitions) * margin);
  const corrected = compared.length > 1 ? `, corrected for ${compared.length} classes` : '';
  const saw =
    notShown.length === 0
      ? `every class within the margin: ${list(compared)}`
      : `not shown for the class ${list(notShown)} (margin ${limit}${unit}${corrected})`;
  return { shown: notShown.length === 0, observed, saw };
}

/** Each class's values of the metric that decides or, if that is a fraction no class reports, as in `classValues`. */
function decidingValues(
  runs: readonly RunClasses[],
  primary: string,
  { definitions }: Pick<NonInferiorityRuleConfig, 'definitions'>,
): ClassValues[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run ?? {})))];
  const valuesOfClass = (name: string) =>
    runs.flatMap((run) => {
      const value = run?.[name]?.[primary];
      return value !== undefined && Number.isFinite(value) ? [value] : [];
    });
  const own = names.map((name) => ({ name, metric: primary, values: valuesOfClass(name) }));
  const reported = own.some(({ values }) => values.length > 0);
  const fraction = definitions?.[primary]?.fraction ?? true;
  return reported || !fraction ? own.filter(({ values }) => values.length > 0) : classValues(runs, primary);
}

interface ClassTest {
  sample: SampleMoments;
  reference: SampleMoments;
  margin: number;
  /** 1 where more is better, -1 where less is. */
  sign: 1 | -1;
}

/** For the hypothesis that the loss is the margin or more. */
function pValue({ sample, reference, margin, sign }: ClassTest): number {
  const { difference, standardError, degrees } = confirmingDifference(sample, reference);
  const gain = sign * difference;
  if (standardError === 0) return gain > -margin ? 0 : 1;
  return 1 - studentTCdf((gain + margin) / standardError, degrees);
}
