import { useEffect } from 'preact/hooks';
import type { AnswerAt } from '../../views.ts';
import { type ChangeView, useAddress } from '../parts/address.ts';
import { Chart } from '../parts/chart.tsx';
import { type Curve, lineOption, lossCaption } from '../parts/chart-options.ts';
import { CurveFields, curveDefaults, drawn } from '../parts/curves.tsx';
import { useData } from '../parts/data.ts';
import { brief, duration, madeText, moment, plottable } from '../parts/format.ts';
import { type MetricWords, metricWords } from '../parts/metric.ts';
import { Scroll } from '../parts/scroll.tsx';
import { Unanswered } from '../parts/unanswered.tsx';
import { fieldWord } from '../parts/words.ts';

type Compared = AnswerAt<`/compare?${string}`>['runs'][number];
type Point = Compared['curve'][number];

/** `by`: one column and curve for each `run`, or for each `setting`, the mean of its runs; `only`: `differences`. */
const defaults = { ...curveDefaults, by: 'run', only: '' };
type CompareView = typeof defaults;

/** One of the columns: a run, or the runs of a setting. */
interface Side {
  name: string;
  first: Compared;
  runs: Compared[];
}

/** Compares several runs, or their iterations: curves in one plot, settings side by side. */
export function ComparePage({ ids }: { ids: string[] }) {
  const [view, change] = useAddress(defaults);
  const { data, error } = useData(`/compare?runs=${ids.map(encodeURIComponent).join(',')}`);
  useEffect(() => {
    document.title = 'Compare runs · GreScale autopilot';
  }, []);
  if (error || !data) return <Unanswered title="Compare runs" error={error} />;
  const { runs } = data;
  const studies = [...new Map(runs.map((one) => [one.study, one])).values()];
  const sides = sidesOf(runs, { bySetting: view.by === 'setting', oneStudy: studies.length === 1 });
  const definitions = Object.assign({}, ...runs.map((one) => one.definitions));
  const textOf = (metric: string) => metricWords(metric, definitions);
  return (
    <>
      {studies.map(({ study, studyKind, made }) => (
        <p key={study}>
          {studyKind === 'guideline' ? <a href={`#/study/${encodeURIComponent(study)}`}>← {study}</a> : study}{' '}
          <span class="quiet">{made && `started ${moment(Date.parse(made.created))} ${madeText(made)}`}</span>
        </p>
      ))}
      <h1>Compare {manyText(sides, view)}</h1>
      <What view={view} change={change} />
      <CurveFields view={view} change={change} />
      <Charts sides={sides} textOf={textOf} view={view} change={change} />
      <h2>Side by side</h2>
      <p class="quiet">Differences from the first column are marked.</p>
      <Sides sides={sides} textOf={textOf} onlyDifferences={view.only !== ''} />
    </>
  );
}

function manyText(sides: readonly Side[], { by }: Pick<CompareView, 'by'>): string {
  return `${sides.length} ${by === 'setting' ? 'settings' : 'runs'}`;
}

interface ViewProps {
  view: CompareView;
  change: ChangeView<CompareView>;
}

/** Chooses what is compared and how much of it is shown. */
function What({ view, change }: ViewProps) {
  return (
    <form class="fields" aria-label="What is compared" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Compare</span>
        <select value={view.by} onChange={(event) => change({ by: event.currentTarget.value })}>
          <option value="run">Run by run</option>
          <option value="setting">Iterations: the mean of the runs of each setting</option>
        </select>
      </label>
      <label class="field beside">
        <input
          type="checkbox"
          checked={view.only !== ''}
          onChange={(event) => change({ only: event.currentTarget.checked ? 'differences' : '' })}
        />
        <span>Only differences</span>
      </label>
    </form>
  );
}

interface SidesProps {
  sides: Side[];
  textOf: (metric: string) => MetricWords;
}

function Charts({ sides, textOf, view, change }: SidesProps & ViewProps) {
  const all = sides.flatMap(({ runs }) => runs);
  const measured = all.find(({ run }) => run.metrics) ?? all[0];
  const primary = measured?.primary ?? 'dice';
  const text = textOf(primary);
  const many = manyText(sides, view);
  const curves = (of: (point: Point) => unknown, how = view) =>
    drawn(
      sides.map(({ name, runs }) => ({ name, values: meanCurve(runs, of) })),
      how,
    );
  const zoom = (from: string, to: string) => change({ from, to });
  const ofSettings = view.by === 'setting' ? '; the mean of the runs of each setting' : '';
  return (
    <div class="charts">
      <Chart
        option={lineOption(
          curves((point) => point.metrics?.[primary]),
          { axisName: 'epoch', text, view },
        )}
        caption={`${text.heading} of the evaluation after each epoch${ofSettings}`}
        summary={`${primary} of ${many} by epoch`}
        zoom={zoom}
      />
      <Chart
        option={lineOption(
          curves((point) => point.loss),
          { axisName: 'epoch', view, log: view.log === 'loss' },
        )}
        caption={lossCaption(view)}
        summary={`Loss of ${many} by epoch`}
        zoom={zoom}
      />
      <Chart
        option={lineOption(
          curves((point) => point.lr, { ...view, smooth: '0' }),
          { axisName: 'epoch', zero: true, view },
        )}
        caption="Learning rate"
        summary={`Learning rate of ${many} by epoch`}
        zoom={zoom}
      />
    </div>
  );
}

function Sides({ sides, textOf, onlyDifferences }: SidesProps & { onlyDifferences: boolean }) {
  const rows = settingRows(sides, textOf).filter(({ values }) => !onlyDifferences || new Set(values).size > 1);
  return (
    <Scroll label="Settings">
      <table class="sides">
        <thead>
          <tr>
            <td />
            {sides.map(({ name, first }) => (
              <th key={name} class="number" scope="col">
                <a href={`#/run/${encodeURIComponent(first.run.id)}`}>{name}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values, measured }) => (
            <tr key={name}>
              <th scope="row">{fieldWord(name)}</th>
              {values.map((value, index) => (
                <td key={sides[index]?.name} class={`number${!measured && value !== values[0] ? ' differs' : ''}`}>
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** The columns. A run's key is unique only within its study. */
function sidesOf(runs: Compared[], { bySetting, oneStudy }: { bySetting: boolean; oneStudy: boolean }): Side[] {
  const within = (study: string) => (oneStudy ? '' : `${study} `);
  if (!bySetting) return runs.map((one) => ({ name: `${within(one.study)}${one.run.key}`, first: one, runs: [one] }));
  const groups = new Map<string, { first: Compared; runs: Compared[] }>();
  for (const one of runs) {
    const { study, run } = one;
    const key = JSON.stringify([study, run.workers, run.setting]);
    const { first, runs: own } = groups.get(key) ?? { first: one, runs: [] };
    groups.set(key, { first, runs: [...own, one] });
  }
  return [...groups.values()].map(({ first, runs: own }) => {
    const numbers = [...new Set(own.map(({ run }) => run.iteration))].filter((number) => number !== null);
    const which = numbers.length === 0 ? 'baseline' : `iteration ${numbers.join(' + ')}`;
    const many = own.length > 1 ? ` (${own.length} runs)` : '';
    return { name: `${within(first.study)}${which}${many}`, first, runs: own };
  });
}

/** At each epoch, the mean over the runs that have a value there. */
function meanCurve(runs: readonly Compared[], of: (point: Point) => unknown): Curve['values'] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { curve } of runs)
    for (const point of curve) {
      const value = plottable(of(point));
      const { sum, count } = sums.get(point.epoch) ?? { sum: 0, count: 0 };
      sums.set(point.epoch, value === null ? { sum, count } : { sum: sum + value, count: count + 1 });
    }
  return [...sums].sort(([a], [b]) => a - b).map(([epoch, { sum, count }]) => [epoch, count > 0 ? sum / count : null]);
}

interface SettingRow {
  name: string;
  /** One value for each column. */
  values: string[];
  /** True if it varies from run to run by itself. */
  measured?: boolean;
}

function settingRows(sides: readonly Side[], textOf: SidesProps['textOf']): SettingRow[] {
  const firsts = sides.map(({ first }) => first.run);
  const settings = firsts.map(({ setting }): Record<string, string | number | undefined> => ({ ...setting }));
  const fields = [...new Set(settings.flatMap(Object.keys))];
  const all = sides.flatMap(({ runs }) => runs);
  const metrics = [...new Set(all.flatMap(({ run }) => Object.keys(run.metrics ?? {})))];
  const each = (of: (one: Compared) => string) => sides.map(({ runs }) => [...new Set(runs.map(of))].join(', '));
  const took = ({ run }: Compared) => (run.startedMs && run.endedMs ? duration(run.endedMs - run.startedMs) : '–');
  return [
    { name: 'Workers', values: firsts.map(({ workers }) => brief(workers)) },
    ...fields.map((name) => ({ name, values: settings.map((setting) => brief(setting[name])) })),
    ...metrics.map((name) => ({
      name: textOf(name).heading,
      values: sides.map(({ runs }) => meanText(runs, textOf(name))),
      measured: true,
    })),
    { name: 'Seed', values: each(({ run }) => String(run.seed)), measured: true },
    { name: 'State', values: each(({ run }) => run.state), measured: true },
    { name: 'Started', values: firsts.map(({ startedMs }) => moment(startedMs)), measured: true },
    { name: 'Took', values: each(took), measured: true },
    { name: 'Host', values: each(({ host }) => host ?? '–'), measured: true },
  ];
}

/** `87.90 %`, or `87.90 % ± 0.61` for several runs; with their number if others have no value, as after divergence. */
function meanText(runs: readonly Compared[], text: MetricWords): string {
  const values = runs.map(({ run }) => plottable(run.metrics?.[text.name])).filter((value) => value !== null);
  if (values.length === 0) return text.value(undefined);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const missing = values.length < runs.length ? ` (${values.length} of ${runs.length} runs)` : '';
  if (values.length === 1) return `${text.value(mean)}${missing}`;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${text.value(mean)} ± ${text.spread(Math.sqrt(variance), mean)}${missing}`;
}
