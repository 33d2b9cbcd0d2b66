import { useEffect, useState } from 'preact/hooks';
import { count } from '../../../domain/text/format.ts';
import { verdictText } from '../../../report/words.ts';
import type { AnswerAt } from '../../views.ts';
import { ActivityText, Controls, Status } from '../parts/activity.tsx';
import { useAddress } from '../parts/address.ts';
import { Chart } from '../parts/chart.tsx';
import { ClassCurves } from '../parts/class-curves.tsx';
import { useData } from '../parts/data.ts';
import { Fact, Made } from '../parts/facts.tsx';
import { brief, duration, moment } from '../parts/format.ts';
import { type MetricWords, metricWords } from '../parts/metric.ts';
import { Scroll } from '../parts/scroll.tsx';
import { Takeaway } from '../parts/takeaway.tsx';
import { Unanswered } from '../parts/unanswered.tsx';
import { Flowchart } from '../study/flowchart.tsx';
import { Iterations, Pages } from '../study/iterations.tsx';
import { metricOption } from '../study/metric-plot.ts';
import { Notes } from '../study/notes.tsx';
import { Parts } from '../study/parts-table.tsx';

type Study = AnswerAt<`/studies/${string}`>;

export function StudyPage({ name }: { name: string }) {
  const [{ before }, change] = useAddress({ before: '' });
  const [chosen, setChosen] = useState<string[]>([]);
  const { data, error } = useData(
    before === '' ? `/studies/${encodeURIComponent(name)}` : `/studies/${encodeURIComponent(name)}?before=${before}`,
  );
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error || !data) return <Unanswered title={name} error={error} />;
  const { iterations, baseline, runList } = data;
  const primary = data.metrics[0] ?? 'dice';
  const textOf = (metric: string) => metricWords(metric, data.definitions);
  const text = textOf(primary);
  const rows = baseline ? [baseline, ...iterations] : iterations;
  const choose = (ids: string[], on: boolean) =>
    setChosen([...chosen.filter((one) => !ids.includes(one)), ...(on ? ids : [])]);
  return (
    <>
      <h1>{data.study}</h1>
      <p class="quiet">
        Can it be trained on {count(data.workers, 'worker')} with no loss against one? Judged by {primary}
        {text.axis && ` (${text.axis})`}.
      </p>
      {data.simulated && (
        <p class="banner">
          <strong>Simulated.</strong> These numbers come from the simulated trainer, not from training.
        </p>
      )}
      {data.unverifiedText && <p class="banner">{data.unverifiedText}</p>}
      {data.warningTexts.map((text) => (
        <p class="banner" key={text}>
          {text}
        </p>
      ))}
      <Answer data={data} text={text} />
      <Facts data={data} text={text} />
      {data.running.length > 0 && <Running running={data.running} epochs={data.epochs} />}
      {data.writable && <Controls name={data.study} state={data.activity.state} outcome={data.outcome} />}
      <h2>Where it stands</h2>
      <Scroll label="Flowchart" bare>
        <Flowchart study={data} />
      </Scroll>
      <h2>{text.heading} by iteration</h2>
      <MetricChart data={data} text={text} />
      <ClassCurves iterations={iterations} primary={primary} textOf={textOf} />
      <h2>Iterations</h2>
      <Pages
        range={data.range}
        last={data.lastIteration}
        show={(number) => change({ before: number === null ? '' : String(number) })}
      />
      <Iterations data={data} rows={rows} textOf={textOf} chosen={chosen} choose={choose} />
      <Parts rows={rows} primary={primary} textOf={textOf} />
      {runList.length > 1 && <CompareLink runList={runList} chosen={chosen} />}
      <Takeaway name={data.study} archived={data.writable} />
      <Notes name={data.study} notes={data.notes} writable={data.writable} />
    </>
  );
}

interface PrimaryProps {
  data: Study;
  /** Words for the primary metric. */
  text: MetricWords;
}

function Answer({ data, text }: PrimaryProps) {
  const sentence = answer(data, text);
  return (
    <div class="answer">
      <strong>
        <Status outcome={data.outcome} unverified={data.unverified} activity={data.activity} />
      </strong>
      <div>{sentence}</div>
      {data.extendedText && <div>{data.extendedText}</div>}
      <div class="last-word">{data.reason ?? data.lastReason ?? 'The baseline is being trained.'}</div>
      <div class="quiet">
        <ActivityText activity={data.activity} study={data.study} outcome={data.outcome} />
      </div>
    </div>
  );
}

/** The question's answer so far, in numbers. */
function answer({ outcome, unverified, best, baseline, workers }: Study, text: MetricWords): string | null {
  const { name } = text;
  const [found, reference] = [best?.metrics[name], baseline?.metrics[name]];
  if (!found || !reference) return null;
  const difference = text.change(found);
  if (outcome === 'noLoss')
    return `Yes${unverified.length > 0 ? ', unverified' : ''}: ${name} is ${text.value(found.mean)} on ${count(workers, 'worker')}, ${text.value(reference.mean)} on one (${difference}; see below what was confirmed).`;
  const which = outcome ? 'No setting was confirmed; the best' : 'The best setting so far';
  return `${which} has ${name} ${text.value(found.mean)} on ${count(workers, 'worker')}, one worker ${text.value(reference.mean)} (${difference}).`;
}

function Facts({ data, text }: PrimaryProps) {
  const { best, baseline, totals, made } = data;
  return (
    <dl class="facts">
      <Fact name="Workers">{data.workers}</Fact>
      <Fact name="Epochs per run">{data.epochs}</Fact>
      <Fact name={`Baseline ${text.name}`}>
        <Mean summary={baseline?.metrics[text.name]} text={text} />
      </Fact>
      <Fact name={`Best ${text.name}`}>
        <Mean summary={best?.metrics[text.name]} text={text} />
        {best && <div class="quiet">{bestDetail(best, text)}</div>}
      </Fact>
      <Fact name="Cost">
        {brief(totals.workerHours)} worker-hours
        <div class="quiet">
          {totals.runs} {totals.runs === 1 ? 'run' : 'runs'}
        </div>
      </Fact>
      <Fact name="Started">{moment(data.createdMs)}</Fact>
      {made.seconds !== null && <Fact name="Took">{duration(1000 * made.seconds)}</Fact>}
      <Made made={made} />
    </dl>
  );
}

function Mean({
  summary,
  text,
}: {
  summary: Study['iterations'][number]['metrics'][string] | undefined;
  text: MetricWords;
}) {
  if (summary === undefined) return '–';
  const { mean, sd, n } = summary;
  return (
    <>
      {text.value(mean)}
      <div class="quiet">{sd === null ? 'one run' : `± ${text.spread(sd, mean)}, ${count(n, 'run')}`}</div>
    </>
  );
}

/** The iterations that the best setting's runs belong to, and the interval of their mean. */
function bestDetail({ iterations, intervals, verdict }: NonNullable<Study['best']>, text: MetricWords): string {
  const interval = intervals[text.name];
  const which = `${iterations.length === 1 ? 'iteration' : 'iterations'} ${iterations.join(', ')}`;
  const judged = verdict === 'notConfirmed' || verdict === 'diverged' ? `, ${verdictText[verdict]}` : '';
  const within = interval ? `, 95 % interval ${text.value(interval.low)} to ${text.value(interval.high)}` : '';
  return `${which}${judged}${within}`;
}

function Running({ running, epochs }: Pick<Study, 'running' | 'epochs'>) {
  return (
    <div>
      Running now:{' '}
      {running.map(({ id, key, epoch }) => (
        <div key={id} class="row">
          <a href={`#/run/${encodeURIComponent(id)}`}>{key}</a>{' '}
          <progress max={epochs} value={epoch} aria-label={`Epochs of ${key}`} />{' '}
          <span class="quiet">
            epoch {epoch} of {epochs}
          </span>
        </div>
      ))}
    </div>
  );
}

function MetricChart({ data, text }: PrimaryProps) {
  const { points, iterations, baseline } = data;
  if (points.length === 0) return <p class="quiet">No iteration has a result yet.</p>;
  const meanOf = (row: { metrics: Study['iterations'][number]['metrics'] } | null) =>
    text.value(row?.metrics[text.name]?.mean);
  const last = iterations.slice(-20).map((row) => `${row.iteration}: ${meanOf(row)}`);
  return (
    <Chart
      option={metricOption(data, text)}
      caption={`Means of each iteration; diamonds are validations with new seeds. The dashed line is the baseline's ${text.name}, the band its standard deviation.`}
      summary={`${text.name} by iteration: ${last.join(', ')}; baseline ${meanOf(baseline)}; ${text.axis}`}
    />
  );
}

/** Links to the ticked runs; by default the first run of the baseline and of each of the last iterations. */
function CompareLink({ runList, chosen }: { runList: Study['runList']; chosen: string[] }) {
  const firsts = [...new Map([...runList].reverse().map((run) => [run.iteration, run])).values()].reverse();
  const ids = chosen.length > 0 ? chosen : [...firsts.slice(0, 1), ...firsts.slice(1).slice(-7)].map(({ id }) => id);
  const text = chosen.length > 0 ? `Compare the ${chosen.length} chosen runs` : 'Compare the last runs';
  const address = `#/compare/${ids.map(encodeURIComponent).join(',')}`;
  return (
    <p class="below">
      <a href={address}>{text}</a> · <a href={`${address}?by=setting`}>setting by setting</a>
    </p>
  );
}
