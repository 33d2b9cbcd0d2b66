import { count } from '../../../domain/text/format.ts';
import type { AnswerAt } from '../../views.ts';
import { Chart, type Zoom } from '../parts/chart.tsx';
import { type Curve, lineOption, lossCaption, type PlotOption, themeColour } from '../parts/chart-options.ts';
import { EpochClassCurves, type MetricCurves } from '../parts/class-curves.tsx';
import { type CurveView, drawn } from '../parts/curves.tsx';
import { brief, plottable } from '../parts/format.ts';
import type { MetricWords } from '../parts/metric.ts';

type RunAnswer = AnswerAt<`/runs/${string}`>;
type EpochCurve = RunAnswer['curve'];

const phases = ['warmup', 'stabilization', 'decay'];

interface TrainingChartsProps {
  data: RunAnswer;
  textOf: (metric: string) => MetricWords;
  view: CurveView;
  zoom: Zoom;
}

/** Rate, loss and metrics by epoch. */
export function TrainingCharts({ data, textOf, view, zoom }: TrainingChartsProps) {
  const { run, curve, epochs } = data;
  const latest = curve.at(-1);
  const axis = { axisName: 'epoch', end: epochs, view };
  const metricChart = ({ curves, text, caption, summary }: MetricCurves) => (
    <Chart
      key={caption}
      option={lineOption(drawn(curves, view), { ...axis, text })}
      caption={caption}
      summary={summary}
      zoom={zoom}
    />
  );
  const loss: Curve = { name: 'loss', values: curve.map((one) => [one.epoch, plottable(one.loss)]) };
  return (
    <div class="charts">
      <Chart
        option={rateOption(curve, epochs, view)}
        caption="Learning rate of each epoch's last step, coloured by phase"
        summary={`Learning rate over ${count(curve.length, 'epoch')}, now ${brief(latest?.lr)}`}
        zoom={zoom}
      />
      <Chart
        option={lineOption(drawn([loss], view), { ...axis, log: view.log === 'loss' })}
        caption={lossCaption(view)}
        summary={`Loss over ${count(curve.length, 'epoch')}, now ${brief(latest?.loss)}`}
        zoom={zoom}
      />
      {curve.some(({ noiseScale }) => noiseScale !== null) && (
        <Chart
          option={noiseOption(data, view, run.workers * (run.measured?.batchPerWorker ?? 1))}
          caption="Gradient noise scale, in samples: the batch of a step at which noise and signal are equal. Logarithmic; dashed: the batch of this run"
          summary={`Gradient noise scale over ${count(curve.length, 'epoch')}`}
          zoom={zoom}
        />
      )}
      {metricPlots(curve, textOf).map((texts) => metricChart(metricCurves(curve, texts)))}
      <EpochClassCurves curve={curve} primary={data.primary} textOf={textOf} chart={metricChart} />
    </div>
  );
}

/** Metrics of the same unit and direction, which share an axis. */
type Texts = [MetricWords, ...MetricWords[]];

function metricCurves(curve: EpochCurve, texts: Texts): MetricCurves {
  return {
    curves: texts.map(({ name, heading }) => ({
      name: heading,
      values: curve.map((one) => [one.epoch, plottable(one.metrics?.[name])]),
    })),
    text: texts[0],
    caption: `${texts.map(({ heading }) => heading).join(', ')} of the evaluation after each epoch`,
    summary: `${texts.map(({ name }) => name).join(', ')} over ${count(curve.length, 'epoch')}; ${texts[0].axis}`,
  };
}

/** The metrics of each plot. */
function metricPlots(curve: EpochCurve, textOf: (metric: string) => MetricWords): Texts[] {
  const names = [...new Set(curve.flatMap((one) => Object.keys(one.metrics ?? {})))].slice(0, 5);
  const plots = new Map<string, Texts>();
  for (const text of names.map(textOf)) {
    const kind = `${text.fraction} ${text.axis}`;
    const others = plots.get(kind);
    plots.set(kind, others ? [...others, text] : [text]);
  }
  return [...plots.values()];
}

/** The noise scale and the batch of a step: noise outweighs the signal if the batch is smaller than the scale. */
function noiseOption({ curve, epochs = 1 }: RunAnswer, view: CurveView, batch: number): PlotOption {
  const known = curve.flatMap(({ epoch, noiseScale }): Curve['values'] =>
    noiseScale === null ? [] : [[epoch, plottable(noiseScale)]],
  );
  const ends = [Number(view.from) || 1, Number(view.to) || epochs];
  const scale = drawn([{ name: 'noise scale', values: known }], view);
  const ofStep: Curve = { name: 'batch of a step', values: ends.map((epoch) => [epoch, batch]) };
  const option = lineOption([...scale, ofStep], { axisName: 'epoch', end: epochs, view, log: true });
  const series = option.series.map((one) =>
    one.name === ofStep.name ? { ...one, lineStyle: { type: 'dashed' as const } } : one,
  );
  return { ...option, series };
}

/** Each phase's curve starts where the previous one ends, so that there are no gaps. */
function rateOption(curve: EpochCurve, epochs: number | undefined, view: CurveView): PlotOption {
  const known = phases.some((phase) => curve.some((one) => one.phase === phase));
  const curves: Curve[] = known
    ? phases.map((phase) => ({
        name: phase,
        colour: themeColour(`--${phase}`),
        values: curve.map((one, index) => [
          one.epoch,
          one.phase === phase || curve[index + 1]?.phase === phase ? plottable(one.lr) : null,
        ]),
      }))
    : [{ name: 'learning rate', values: curve.map((one) => [one.epoch, plottable(one.lr)]) }];
  return lineOption(drawn(curves, { ...view, smooth: '0' }), { axisName: 'epoch', end: epochs, zero: true, view });
}
