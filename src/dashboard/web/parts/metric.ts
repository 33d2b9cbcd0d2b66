import { type DifferenceWord, differenceEnds, differenceWords } from '../../../domain/difference.ts';
import type { MetricDefinitions } from '../../../domain/metric/definition.ts';
import type { ComparedSummary } from '../../../report/statistics/compared.ts';
import type { Sent, SentNumber } from '../../sent.ts';

type Compared = Sent<ComparedSummary>;

/** How a metric is written on the page. */
export interface MetricWords {
  name: string;
  /** A share of 1, shown in percent. */
  fraction: boolean;
  /** `dice ↑`, `hausdorffMm (mm) ↓`. */
  heading: string;
  /** `higher is better`, `mm, lower is better`. */
  axis: string;
  value(value: SentNumber | null | undefined): string;
  spread(sd: SentNumber, mean: SentNumber): string;
  difference(value: SentNumber | null): string;
  /** Complete text on a mean against the baseline's: `−1.2 points, 95 % interval −2.0 to −0.4: worse`. */
  change(summary: Compared): string;
  word(summary: Compared): string;
  tone(summary: Compared): string;
  /** Label on an axis, with no more digits than its steps need. */
  tick(value: number): string;
}

const tones: Record<DifferenceWord, string> = { better: 'good', worse: 'bad', cannotTell: '' };

/**
 * Words from the metric's definition (direction, share of 1 or unit), like those of `src/domain/metric/text.ts`
 * elsewhere. Here a share of 1 is shown in percent and its differences in points; an unknown metric is a bare number.
 */
export function metricWords(name: string, definitions: MetricDefinitions): MetricWords {
  const { fraction = false, unit = null, direction = null } = definitions[name] ?? {};
  const suffix = fraction ? ' %' : unit === null ? '' : ` ${unit}`;
  const difference = (value: SentNumber | null) => {
    if (!isKnown(value)) return '';
    const size = fraction ? (100 * Math.abs(value)).toFixed(2) : String(Number(Math.abs(value).toPrecision(3)));
    return `${value < 0 ? '−' : '+'}${size}`;
  };
  return {
    name,
    fraction,
    heading: `${name}${!fraction && unit !== null ? ` (${unit})` : ''}${direction === null ? '' : direction === 'higher' ? ' ↑' : ' ↓'}`,
    axis: [fraction ? '' : unit, direction === null ? '' : `${direction} is better`].filter(Boolean).join(', '),
    value(value) {
      if (!isKnown(value)) return '–';
      const text = fraction ? (100 * value).toFixed(2) : value.toFixed(digitsOf(value));
      return `${text.replace('-', '−')}${suffix}`;
    },
    spread(sd, mean) {
      if (!isKnown(sd)) return '–';
      return fraction ? (100 * sd).toFixed(2) : sd.toFixed(digitsOf(isKnown(mean) ? mean : sd));
    },
    difference,
    change({ difference: value, differenceInterval: interval, comparison }) {
      if (!isKnown(value)) return '';
      const range = interval
        ? `95 % interval ${difference(interval.low)} to ${difference(interval.high)}`
        : 'spread unknown';
      return `${difference(value)}${fraction ? ' points' : suffix}, ${range}${comparison ? `: ${differenceEnds[comparison]}` : ''}`;
    },
    word: ({ comparison }) => (comparison === null ? '' : differenceWords[comparison]),
    tone: ({ comparison }) => (comparison === null ? '' : tones[comparison]),
    tick: (value) => (fraction ? `${Number((100 * value).toFixed(2))} %` : String(Number(value.toPrecision(4)))),
  };
}

function isKnown(value: SentNumber | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Decimal places that show three significant digits, and hundredths below 100. */
function digitsOf(value: number): number {
  if (value === 0) return 3;
  return Math.min(6, Math.max(Math.abs(value) < 100 ? 2 : 1, 2 - Math.floor(Math.log10(Math.abs(value)))));
}
