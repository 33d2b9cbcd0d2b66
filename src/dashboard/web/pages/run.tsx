import { useEffect, useState } from 'preact/hooks';
import type { AnswerAt } from '../../views.ts';
import { useAddress } from '../parts/address.ts';
import { CurveFields, curveDefaults } from '../parts/curves.tsx';
import { act, useData } from '../parts/data.ts';
import { Fact, Made } from '../parts/facts.tsx';
import { brief, duration, moment } from '../parts/format.ts';
import { type MetricWords, metricWords } from '../parts/metric.ts';
import { Unanswered } from '../parts/unanswered.tsx';
import { fieldWord } from '../parts/words.ts';
import { Logs } from '../run/logs.tsx';
import { Resources } from '../run/resources.tsx';
import { Attempts, Evaluations, Measured } from '../run/tables.tsx';
import { TrainingCharts } from '../run/training-charts.tsx';

type RunAnswer = AnswerAt<`/runs/${string}`>;

/** Tones of states that need attention; all other states are quiet. */
const stateTone: Partial<Record<RunAnswer['run']['state'], string>> = {
  running: 'good',
  diverged: 'bad',
  failed: 'bad',
  stopped: 'warn',
};

export function RunPage({ id }: { id: string }) {
  const [view, change] = useAddress(curveDefaults);
  const { data, error } = useData(`/runs/${encodeURIComponent(id)}`);
  useEffect(() => {
    document.title = `${id} · GreScale autopilot`;
  }, [id]);
  if (error || !data) return <Unanswered title={id} error={error} />;
  const { run, epochs } = data;
  const running = run.state === 'running';
  const textOf = (metric: string) => metricWords(metric, data.definitions);
  return (
    <>
      <p>
        <OfStudy study={data.study} kind={data.studyKind} />
      </p>
      <h1>
        {run.key} <span class={stateTone[run.state] ?? 'quiet'}>{run.state}</span>
      </h1>
      {run.simulated && (
        <p class="banner">
          <strong>Simulated.</strong> These numbers come from the simulated trainer.
        </p>
      )}
      {run.reason && <p class="bad">{run.reason}</p>}
      {data.warnings.map((text) => (
        <p class="banner" key={text}>
          Warning: {text}
        </p>
      ))}
      <Facts data={data} textOf={textOf} />
      {running && <progress max={epochs} value={data.curve.at(-1)?.epoch ?? 0} aria-label="Epochs" />}
      {data.writable && running && <StopRun id={id} />}
      <h2>Training</h2>
      <CurveFields view={view} change={change} />
      <TrainingCharts data={data} textOf={textOf} view={view} zoom={(from, to) => change({ from, to })} />
      <Evaluations evaluations={data.evaluations} textOf={textOf} />
      <Measured measured={run.measured} unverified={data.unverifiedText} />
      <h2>Setting</h2>
      <dl class="facts">
        {Object.entries(run.setting).map(([name, value]) => (
          <Fact key={name} name={fieldWord(name)}>
            {brief(value)}
          </Fact>
        ))}
      </dl>
      {data.predictions.length > 0 && <Predictions data={data} />}
      <Resources resources={data.resources} />
      <h2>Attempts</h2>
      <Attempts attempts={data.attempts} />
      <Logs id={id} />
    </>
  );
}

/** Link to the study, scaling or comparison that a run belongs to. */
function OfStudy({ study = '', kind }: { study: string | undefined; kind: RunAnswer['studyKind'] }) {
  if (kind === 'guideline' || kind === 'scaling')
    return <a href={`#/${kind === 'guideline' ? 'study' : 'scale'}/${encodeURIComponent(study)}`}>← {study}</a>;
  return (
    <>
      Part of the comparison {study} · <a href="#/">All studies</a>
    </>
  );
}

function Facts({ data, textOf }: { data: RunAnswer; textOf: (metric: string) => MetricWords }) {
  const { run, curve, epochs, made } = data;
  const latest = curve.at(-1);
  const host = data.attempts.at(-1)?.environment?.host;
  return (
    <dl class="facts">
      <Fact name="Workers">{run.workers}</Fact>
      <Fact name="Epoch">
        {latest?.epoch ?? 0} of {epochs}
      </Fact>
      <Fact name="Phase">{latest?.phase ?? '–'}</Fact>
      <Fact name="Learning rate">{brief(latest?.lr)}</Fact>
      <Fact name="Loss">{brief(latest?.loss)}</Fact>
      {Object.entries(run.metrics ?? latest?.metrics ?? {})
        .slice(0, 4)
        .map(([name, value]) => (
          <Fact key={name} name={textOf(name).heading}>
            {textOf(name).value(value)}
          </Fact>
        ))}
      <Fact name="Seed">{run.seed}</Fact>
      <Fact name="Started">{moment(run.startedMs)}</Fact>
      <Fact name="Took">{run.startedMs && run.endedMs ? duration(run.endedMs - run.startedMs) : '–'}</Fact>
      <Made made={made} host={typeof host === 'string' ? host : made?.host} />
    </dl>
  );
}

function StopRun({ id }: { id: string }) {
  const [said, setSaid] = useState('');
  const stop = async () => setSaid((await act(`/runs/${encodeURIComponent(id)}/stop`)) ?? 'Asked to stop.');
  return (
    <div class="row">
      <button type="button" class="secondary" onClick={stop}>
        Stop this run
      </button>
      <span role="status">{said}</span>
    </div>
  );
}

function Predictions({ data: { run, predictions, classColours } }: { data: RunAnswer }) {
  // The embedded trainer's own pictures, whose colours are known.
  const own = predictions.every(({ file }) => /^test-\d{4,}\.png$/.test(file));
  const folder = `/api/runs/${encodeURIComponent(run.id)}/prediction`;
  return (
    <>
      <h2>Predictions</h2>
      {own && (
        <p class="quiet">
          Test slices.{' '}
          {classColours.map(({ name, colour }) => (
            <>
              <span class="swatch" style={`background: ${colour}`} /> {name}{' '}
            </>
          ))}
          : filled where found, a frame where missed (only in the true mask), a dot where found in error (only
          predicted), two colours where one class was taken for another.
        </p>
      )}
      <div class="pictures">
        {predictions.map(({ file }) => (
          <img key={file} loading="lazy" src={`${folder}/${encodeURIComponent(file)}`} alt={`Prediction ${file}`} />
        ))}
      </div>
    </>
  );
}
