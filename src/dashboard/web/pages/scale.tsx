import { useEffect } from 'preact/hooks';
import { simulatedTime } from '../../../report/scaling/simulated-time.ts';
import { outcomeLabel } from '../../../report/words.ts';
import type { AnswerAt } from '../../views.ts';
import { Chart } from '../parts/chart.tsx';
import { type Curve, lineOption } from '../parts/chart-options.ts';
import { useData } from '../parts/data.ts';
import { Fact, Made } from '../parts/facts.tsx';
import { brief, duration, moment, plottable } from '../parts/format.ts';
import { type MetricWords, metricWords } from '../parts/metric.ts';
import { Table, Row as TableRow, TextCell } from '../parts/table.tsx';
import { Takeaway } from '../parts/takeaway.tsx';
import { Unanswered } from '../parts/unanswered.tsx';

type Scaling = AnswerAt<`/scalings/${string}`>;

/** The row of one worker, or of a worker count that was tried. */
interface Row extends Pick<Scaling['counts'][number], 'workers' | 'metric' | 'time' | 'speedUp' | 'efficiency'> {
  epochs: number | null;
  /** Null in the row of one worker. */
  count: Scaling['counts'][number] | null;
}

function rowsOf({ baseline, counts }: Scaling): Row[] {
  const one: Row[] = baseline
    ? [
        {
          ...baseline,
          workers: 1,
          speedUp: baseline.time && 1,
          efficiency: baseline.time && 1,
          epochs: baseline.setting.epochs ?? null,
          count: null,
        },
      ]
    : [];
  return [
    ...one,
    ...counts.map((count) => ({ ...count, epochs: count.epochs ?? count.setting?.epochs ?? null, count })),
  ];
}

/** How many workers train without loss, and what each worker count gains: accuracy and time against workers. */
export function ScalePage({ name }: { name: string }) {
  const { data, error } = useData(`/scalings/${encodeURIComponent(name)}`);
  useEffect(() => {
    document.title = `${name} · GreScale autopilot`;
  }, [name]);
  if (error || !data) return <Unanswered title={name} error={error} />;
  const { metric, notTried, wishes, errorRate, totals } = data;
  const text = metricWords(metric, data.definitions);
  const rows = rowsOf(data);
  return (
    <>
      <h1>{name}</h1>
      {data.simulated && (
        <p class="banner">
          <strong>Simulated.</strong> These numbers come from the simulated trainer. {simulatedTime}
        </p>
      )}
      <p class="quiet">How many workers train this without loss, and what does each number bring?</p>
      <dl class="facts">
        <Fact name="Started">{moment(Date.parse(data.made.created))}</Fact>
        <Fact name="Took">{data.made.seconds === null ? 'Not ended' : duration(data.made.seconds * 1000)}</Fact>
        <Fact name="Cost">
          {brief(totals.hours)} {totals.hours === 1 ? 'hour' : 'hours'} of training
          <div class="quiet">
            {totals.runs} {totals.runs === 1 ? 'run' : 'runs'}
          </div>
        </Fact>
        <Made made={data.made} />
      </dl>
      {wishes.map(({ sentence }) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Charts rows={rows} text={text} timed={!data.simulated} />
      <Counts rows={rows} text={text} />
      {notTried.length > 0 && <p>Not tried: {notTried.join(', ')} workers.</p>}
      {errorRate.each !== null && (
        <p class="quiet">
          A setting that loses the margin or more is confirmed with a probability of at most {percent(errorRate.each)}{' '}
          per worker count, and {percent(errorRate.any)} for any of them.
        </p>
      )}
      <Takeaway name={name} archived={false} />
    </>
  );
}

function percent(share: number | null): string {
  return share === null ? '–' : `${brief(100 * share)}\u00a0%`;
}

interface RowsProps {
  rows: Row[];
  text: MetricWords;
}

function Charts({ rows, text, timed }: RowsProps & { timed: boolean }) {
  const points = (of: (row: Row) => number | null) =>
    rows.flatMap((row): Curve['values'] => {
      const value = of(row);
      return value === null ? [] : [[row.workers, value]];
    });
  const accuracy = [
    { name: 'mean', values: points((row) => plottable(row.metric?.mean)) },
    { name: '95 % low', values: points((row) => plottable(row.metric?.interval?.low)) },
    { name: '95 % high', values: points((row) => plottable(row.metric?.interval?.high)) },
  ];
  const minutes = [{ name: 'minutes', values: points((row) => row.time && row.time.seconds / 60) }];
  return (
    <div class="charts">
      <Chart
        option={lineOption(accuracy, { axisName: 'workers', start: 1, text })}
        caption={`${text.heading} of the runs that validated each setting, with the 95 % interval of their mean`}
        summary={`${text.name} of ${rows.length} worker counts`}
      />
      {timed && (
        <Chart
          option={lineOption(minutes, { axisName: 'workers', start: 1, zero: true })}
          caption="Minutes per training; some may be predicted, as the table says"
          summary={`Time of ${rows.length} worker counts`}
        />
      )}
    </div>
  );
}

function Counts({ rows, text }: RowsProps) {
  const columns = ['Workers', 'Verdict', text.heading, 'Epochs', 'Time per training', 'Speed-up', 'Efficiency'];
  return (
    <Table label="Worker counts" columns={columns.map((title) => ({ title }))}>
      {rows.map((row) => {
        const cells = [
          row.workers,
          row.count === null ? 'baseline' : <Verdict count={row.count} />,
          row.metric ? text.value(row.metric.mean) : '–',
          row.epochs ?? '–',
          row.time ? `${duration(row.time.seconds * 1000)} (${row.time.how})` : '–',
          brief(row.speedUp),
          percent(row.efficiency),
        ];
        return (
          <TableRow key={row.workers}>
            {cells.map((cell, index) => (
              <TextCell key={columns[index]} column={columns[index] ?? ''}>
                {cell}
              </TextCell>
            ))}
          </TableRow>
        );
      })}
    </Table>
  );
}

function Verdict({ count: { study, outcome, unverified } }: { count: Scaling['counts'][number] }) {
  return (
    <a href={`#/study/${encodeURIComponent(study)}`}>
      {outcome === null ? 'Not ended' : outcomeLabel[outcome]}
      {unverified.length > 0 && ', unverified'}
    </a>
  );
}
