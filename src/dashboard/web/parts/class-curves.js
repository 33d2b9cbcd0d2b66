import { Chart } from './chart.js';
import { plottable } from './format.js';
import { html } from './html.js';

/**
 * A plot for each part of the data, a curve for each class, over the iterations on this page of the table; nothing where
 * classes were not measured. `optionOf` makes a plot of series.
 */
export function ClassCurves({ iterations, primary, textOf, optionOf }) {
  const parts = iterations.flatMap((row) => row.parts.map((part) => ({ row, ...part })));
  const splits = [...new Set(parts.map(({ split }) => split))];
  const plots = splits.flatMap((split) => {
    const own = parts.filter((part) => part.split === split);
    const classes = [...new Set(own.flatMap((part) => Object.keys(part.classes)))];
    const metric = metricOf(own, primary);
    return metric === null || own.length < 2 ? [] : [{ split, own, classes, text: textOf(metric) }];
  });
  if (plots.length === 0) return null;
  return html`<h3>Classes by iteration</h3><div class="charts">${plots.map(({ split, own, classes, text }) => {
    const series = classes.map((name) => ({
      name,
      values: own.map(({ row, classes: found }) => [row.iteration, plottable(found[name]?.[text.name]?.mean)]),
    }));
    return html`<${Chart} option=${optionOf(series, text)} caption=${`${text.heading} of ${classes.length === 1 ? classes[0] : 'each class'} on the ${split} part; means of each iteration`} summary=${`${text.name} of ${classes.join(', ')} on the ${split} part by iteration`} />`;
  })}</div>`;
}

/** A curve for each class over the epochs of a run; nothing where the trainer reported no class. */
export function EpochClassCurves({ curve, primary, textOf, chart }) {
  const names = [...new Set(curve.flatMap(({ classes }) => Object.keys(classes ?? {})))];
  const metric = metricOf([{ classes: curve.findLast(({ classes }) => classes)?.classes ?? {} }], primary);
  if (metric === null) return null;
  const text = textOf(metric);
  const series = names.map((name) => ({
    name,
    values: curve.map(({ epoch, classes }) => [epoch, plottable(classes?.[name]?.[metric])]),
  }));
  return chart({
    series,
    text,
    caption: `${text.heading} of ${names.length === 1 ? names[0] : 'each class'} in the evaluation after each epoch`,
    summary: `${metric} of ${names.join(', ')} over ${curve.length} epochs; ${text.axis}`,
  });
}

/** The primary metric where classes have it, else the first that they have; null without any. */
function metricOf(parts, primary) {
  const names = new Set(parts.flatMap(({ classes }) => Object.values(classes).flatMap(Object.keys)));
  return names.has(primary) ? primary : ([...names][0] ?? null);
}
