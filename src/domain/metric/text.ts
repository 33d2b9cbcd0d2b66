import { type Difference, differenceEnds, differenceWord } from '../difference.ts';
import { formatNumber } from '../text/format.ts';
import { knownMetric, type MetricDefinition, type MetricDefinitions, metricNamed, signOf } from './definition.ts';

const minus = '−';

/** Several values of a metric; `sd` is null for a single one. */
interface Spread {
  mean: number;
  sd: number | null;
}

/** How a metric is written wherever people read it: one choice of digits, unit and direction. */
export interface MetricText {
  name: string;
  /** Heads a column or an axis: `dice ↑`, `hd95 (mm) ↓`. */
  heading: string;
  /** For a sentence: `hd95 in mm, lower is better`. */
  meaning: string;
  /** Unit of its differences: `in points (hundredths)`, `in mm`; empty for a bare number. */
  measuredIn: string;
  /** `higher is better`, `lower is better`; empty if unknown. */
  direction: string;
  /** 1 if higher is better, -1 if lower is, 0 if unknown. */
  sign: 1 | -1 | 0;
  /** Below the axis of a plot: `higher is better`, `mm, lower is better`. */
  axis: string;
  /** `mm`; null for a share of 1 and for a bare number. */
  unit: string | null;
  /** A share of 1. */
  fraction: boolean;
  /** A share of 1 of which more is better. */
  isAccuracy: boolean;
  /** Below a heading: `0.843`, `12.43`. */
  value(value: number): string;
  /** By itself: `0.843`, `12.43 mm`. */
  valueWithUnit(value: number): string;
  /** Below a heading: `0.843 ± 0.004`. */
  spread(summary: Spread): string;
  /** By itself: `12.43 ± 0.31 mm`. */
  spreadWithUnit(summary: Spread): string;
  /** Below a heading, the signed difference: points for a share of 1 (`−0.4`), else the metric's unit (`+1.2`). */
  difference(difference: number): string;
  /** By itself: `−0.4 points, 95 % interval −1.0 to +0.2: cannot tell which is better`; `−1.2 mm, 95 % interval −1.9 to −0.5: better`. */
  change(difference: Difference): string;
  /** Size of a difference: `0.5 points`, `0.5 mm`. */
  amount(difference: number): string;
}

/** From the metric's definition; without one, a bare number of unknown direction. */
export function metricText(name: string, definition: MetricDefinition | null): MetricText {
  const { fraction = false, unit = null } = definition ?? {};
  const sign = definition === null ? 0 : signOf(definition);
  const arrow = sign === 0 ? '' : sign > 0 ? ' ↑' : ' ↓';
  const direction = sign === 0 ? '' : `${sign > 0 ? 'higher' : 'lower'} is better`;
  const suffix = unit === null ? '' : ` ${unit}`;
  const differenceUnit = fraction ? ' points' : suffix;
  const digits = (value: number) => (fraction ? 3 : digitsOf(value));
  const fixed = (value: number, places: number) =>
    Number.isFinite(value) ? value.toFixed(places).replace('-', minus) : formatNumber(value);
  const value = (number: number) => fixed(number, digits(number));
  const spread = ({ mean, sd }: Spread) => (sd === null ? value(mean) : `${value(mean)} ± ${fixed(sd, digits(mean))}`);
  const size = (difference: number) => (fraction ? (100 * difference).toFixed(1) : short(difference));
  const difference = (number: number) => {
    if (!Number.isFinite(number)) return formatNumber(number);
    const text = size(Math.abs(number));
    return Number(text) === 0 ? text : `${number < 0 ? minus : '+'}${text}`;
  };
  return {
    name,
    heading: `${name}${unit === null ? '' : ` (${unit})`}${arrow}`,
    meaning: `${name}${unit === null ? '' : ` in ${unit}`}${direction === '' ? '' : `, ${direction}`}`,
    measuredIn: fraction ? 'in points (hundredths)' : unit === null ? '' : `in ${unit}`,
    direction,
    sign,
    axis: [unit ?? '', direction].filter((part) => part !== '').join(', '),
    unit,
    fraction,
    isAccuracy: fraction && sign > 0,
    value,
    valueWithUnit: (number) => `${value(number)}${suffix}`,
    spread,
    spreadWithUnit: (summary) => `${spread(summary)}${suffix}`,
    difference,
    change: ({ difference: number, interval }) => {
      const range =
        interval === null
          ? 'spread unknown'
          : `95 % interval ${difference(interval.low)} to ${difference(interval.high)}`;
      const word = sign === 0 ? '' : `: ${differenceEnds[differenceWord({ interval }, sign)]}`;
      return `${difference(number)}${differenceUnit}, ${range}${word}`;
    },
    amount: (number) => {
      const size = formatNumber(fraction ? 100 * number : number);
      return `${size}${fraction && size === '1' ? ' point' : differenceUnit}`;
    },
  };
}

/** The texts of a study's metrics: decision metrics as the study defines them, others only as far as they are known. */
export function metricTexts({ metrics, definitions }: Meaning) {
  return (name: string): MetricText =>
    metricText(
      name,
      metrics.includes(name) ? metricNamed(name, definitions) : (definitions[name] ?? knownMetric(name)),
    );
}

interface Meaning {
  metrics: readonly string[];
  definitions: MetricDefinitions;
  reportedInPercent?: boolean;
}

/** What the brackets of a table mean: `in brackets, the difference from …: dice in points (hundredths), higher is better; …`. */
export function differenceLegend(
  { metrics, definitions, reportedInPercent = false }: Meaning,
  to = 'the baseline',
  names: readonly string[] = metrics,
): string {
  const textOf = metricTexts({ metrics, definitions });
  const percent = reportedInPercent ? '. The trainer reports percent; values are shown as fractions (0.9 is 90 %)' : '';
  return `in brackets, the difference from ${to}${kindsOf(names.map(textOf))}${percent}`;
}

/** `Decides on hd95 in mm, lower is better; dice, higher is better.`; null where nothing is known yet. */
export function decidesOnText(definitions: MetricDefinitions): string | null {
  const known = Object.entries(definitions).map(([name, definition]) => metricText(name, definition).meaning);
  return known.length === 0 ? null : `Decides on ${known.join('; then ')}.`;
}

/** `dice, meanIoU (higher is better), hd95 (in mm, lower is better)`, in order of priority. */
export function meaningsText(texts: readonly MetricText[]): string {
  const kinds = groupsOf(texts, ({ unit, direction }) => [unit === null ? '' : `in ${unit}`, direction]);
  return kinds.map(([kind, names]) => `${names.join(', ')}${kind === '' ? '' : ` (${kind})`}`).join(', ');
}

function kindsOf(texts: readonly MetricText[]): string {
  const kinds = groupsOf(texts, ({ measuredIn, direction }) => [measuredIn, direction]);
  const spaced = kinds.map(([kind, names]) => ({ kind: kind === '' ? '' : ` ${kind}`, names }));
  if (spaced.length < 2) return spaced[0]?.kind ?? '';
  return `: ${spaced.map(({ kind, names }) => `${names.join(', ')}${kind}`).join('; ')}`;
}

/** Groups neighbours with the same description. */
function groupsOf(texts: readonly MetricText[], saidOf: (text: MetricText) => string[]): [string, string[]][] {
  const groups: [string, string[]][] = [];
  for (const text of texts) {
    const said = saidOf(text)
      .filter((part) => part !== '')
      .join(', ');
    const last = groups.at(-1);
    if (last?.[0] === said) last[1].push(text.name);
    else groups.push([said, [text.name]]);
  }
  return groups;
}

/** Decimal places that show three significant digits, and hundredths below 100. */
function digitsOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 3;
  return Math.min(6, Math.max(Math.abs(value) < 100 ? 2 : 1, 2 - Math.floor(Math.log10(Math.abs(value)))));
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Columns that tell programs what the numbers of a metric mean. */
export function meaningColumns(name: string): string[] {
  return [`${name}Unit`, `${name}Direction`];
}

/** `fraction` and `higher`, `mm` and `lower`; a bare number has no unit. */
export function meaningCells(name: string, definitions: MetricDefinitions): string[] {
  const { fraction, unit, direction } = metricNamed(name, definitions);
  return [fraction ? 'fraction' : (unit ?? ''), direction];
}
