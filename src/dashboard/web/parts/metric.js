import { differenceEnds, differenceWords } from '/words.js';

/**
 * How one metric is written on the page: by its definition (direction, share of 1 or unit), as `src/domain/metric/text.ts`
 * writes it elsewhere. A share of 1 is percent here, its differences are points; a stranger is a bare number.
 */
export function metricWords(name, definitions) {
  const definition = definitions?.[name];
  const { fraction = false, unit = null, direction = null } = definition ?? {};
  const sign = direction === null ? 0 : direction === 'higher' ? 1 : -1;
  const suffix = fraction ? ' %' : unit === null ? '' : ` ${unit}`;
  const known = (value) => typeof value === 'number' && Number.isFinite(value);
  const text = (value, places) => (fraction ? (100 * value).toFixed(2) : value.toFixed(places)).replace('-', '−');
  const difference = (value) => {
    if (!known(value)) return '';
    const size = fraction ? (100 * Math.abs(value)).toFixed(2) : String(Number(Math.abs(value).toPrecision(3)));
    return `${value < 0 ? '−' : '+'}${size}`;
  };
  return {
    name,
    fraction,
    sign,
    heading: `${name}${!fraction && unit !== null ? ` (${unit})` : ''}${sign === 0 ? '' : sign > 0 ? ' ↑' : ' ↓'}`,
    /** `higher is better`, `mm, lower is better`. */
    axis: [fraction ? '' : unit, sign === 0 ? '' : `${direction} is better`].filter(Boolean).join(', '),
    value: (value) => (known(value) ? `${text(value, digitsOf(value))}${suffix}` : '–'),
    spread: (sd, mean) => (fraction ? (100 * sd).toFixed(2) : sd.toFixed(digitsOf(mean))),
    difference,
    /** Of a mean against the baseline's, by itself: `−1.2 points, 95 % interval −2.0 to −0.4: worse`. */
    change: ({ difference: value, differenceInterval: interval, comparison }) => {
      if (!known(value)) return '';
      const range = interval
        ? `95 % interval ${difference(interval.low)} to ${difference(interval.high)}`
        : 'spread unknown';
      return `${difference(value)}${fraction ? ' points' : suffix}, ${range}${comparison ? `: ${differenceEnds[comparison]}` : ''}`;
    },
    word: ({ comparison }) => differenceWords[comparison] ?? '',
    tone: ({ comparison }) => ({ better: 'good', worse: 'bad' })[comparison] ?? '',
    /** On an axis: no more digits than its steps need. */
    tick: (value) => (fraction ? `${Number((100 * value).toFixed(2))} %` : String(Number(value.toPrecision(4)))),
  };
}

/** Places after the point that show three significant digits, and hundredths below 100. */
function digitsOf(value) {
  if (!Number.isFinite(value) || value === 0) return 3;
  return Math.min(6, Math.max(Math.abs(value) < 100 ? 2 : 1, 2 - Math.floor(Math.log10(Math.abs(value)))));
}
