import type { ComponentChild } from 'preact';
import { count } from '../../../domain/text/format.ts';
import type { AnswerAt } from '../../views.ts';
import { Chart } from './chart.tsx';
import { type Curve, lineOption } from './chart-options.ts';
import { plottable } from './format.ts';
import type { MetricWords } from './metric.ts';

type TextOf = (metric: string) => MetricWords;
type Iterations = AnswerAt<`/studies/${string}`>['iterations'];
type EpochCurve = AnswerAt<`/runs/${string}`>['curve'];

interface ClassCurvesProps {
  iterations: Iterations;
  primary: string;
  textOf: TextOf;
}

/**
 * One plot for each part of the data, with a curve for each class, over the iterations on this page of the table;
 * nothing if classes were not measured.
 */
export function ClassCurves({ iterations, primary, textOf }: ClassCurvesProps) {
  const parts = iterations.flatMap(({ iteration, parts: own }) => own.map((part) => ({ iteration, ...part })));
  const splits = [...new Set(parts.map(({ split }) => split))];
  const plots = splits.flatMap((split) => {
    const own = parts.filter((part) => part.split === split);
    const classes = [...new Set(own.flatMap((part) => Object.keys(part.classes)))];
    const metric = metricOf(own, primary);
    return metric === null || own.length < 2 ? [] : [{ split, own, classes, text: textOf(metric) }];
  });
  if (plots.length === 0) return null;
  return (
    <>
      <h3>Classes by iteration</h3>
      <div class="charts">
        {plots.map(({ split, own, classes, text }) => {
          const curves = classes.map((name) => ({
            name,
            values: own.map(({ iteration, classes: found }): Curve['values'][number] => [
              iteration ?? 0,
              plottable(found[name]?.[text.name]?.mean),
            ]),
          }));
          const ofClasses = classes.length === 1 ? classes[0] : 'each class';
          return (
            <Chart
              key={split}
              option={lineOption(curves, { axisName: 'iteration', text })}
              caption={`${text.heading} of ${ofClasses} on the ${split} part; means of each iteration`}
              summary={`${text.name} of ${classes.join(', ')} on the ${split} part by iteration`}
            />
          );
        })}
      </div>
    </>
  );
}

/** Curves of a metric with their caption and summary. */
export interface MetricCurves {
  curves: Curve[];
  text: MetricWords;
  caption: string;
  summary: string;
}

interface EpochClassCurvesProps {
  curve: EpochCurve;
  primary: string | null;
  textOf: TextOf;
  chart: (drawn: MetricCurves) => ComponentChild;
}

/** A curve for each class over a run's epochs; nothing if the trainer reported no classes. */
export function EpochClassCurves({ curve, primary, textOf, chart }: EpochClassCurvesProps) {
  const names = [...new Set(curve.flatMap(({ classes }) => Object.keys(classes ?? {})))];
  const metric = metricOf([{ classes: curve.findLast(({ classes }) => classes)?.classes ?? {} }], primary);
  if (metric === null) return null;
  const text = textOf(metric);
  return chart({
    curves: names.map((name) => ({
      name,
      values: curve.map(({ epoch, classes }) => [epoch, plottable(classes?.[name]?.[metric])]),
    })),
    text,
    caption: `${text.heading} of ${names.length === 1 ? names[0] : 'each class'} in the evaluation after each epoch`,
    summary: `${metric} of ${names.join(', ')} over ${count(curve.length, 'epoch')}; ${text.axis}`,
  });
}

/** The primary metric if classes have it, else the first metric they have; null if they have none. */
function metricOf(parts: readonly { classes: Record<string, object> }[], primary: string | null): string | null {
  const names = new Set(parts.flatMap(({ classes }) => Object.values(classes).flatMap(Object.keys)));
  return primary !== null && names.has(primary) ? primary : ([...names][0] ?? null);
}
