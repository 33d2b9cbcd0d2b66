import type { AnswerAt } from '../../views.ts';
import { brief, duration, moment } from '../parts/format.ts';
import type { MetricWords } from '../parts/metric.ts';
import { Row, Table, TextCell } from '../parts/table.tsx';

type RunAnswer = AnswerAt<`/runs/${string}`>;
type Attempt = RunAnswer['attempts'][number];

/** What was requested of the run, and what its trainer measured. */
export function Measured({ measured, unverified }: { measured: RunAnswer['run']['measured']; unverified: string }) {
  if (!measured) return null;
  const { asked, lr, steps, workers, batchPerWorker, optimizer } = measured;
  const rate = ({ min, max }: { min: number; max: number }) =>
    min === max ? brief(min) : `${brief(min)} to ${brief(max)}`;
  const lines = [
    { what: 'Workers', wanted: asked.workers, found: workers },
    { what: 'Batch per worker', wanted: asked.batchPerWorker, found: batchPerWorker },
    { what: 'Optimizer', wanted: asked.optimizer, found: optimizer },
    { what: 'Learning rate', wanted: rate(asked.lr), found: lr?.map(rate).join(', ') },
    { what: 'Optimizer steps', wanted: '–', found: steps },
  ];
  return (
    <>
      <h2>Asked and measured</h2>
      {unverified && <p class="warn">{unverified}</p>}
      <Table label="Asked and measured" columns={[{ title: 'What' }, { title: 'Asked' }, { title: 'Measured' }]}>
        {lines.map(({ what, wanted, found }) => (
          <Row key={what}>
            <TextCell column="What">{what}</TextCell>
            <TextCell column="Asked">{wanted}</TextCell>
            <TextCell column="Measured">{found ?? 'not reported'}</TextCell>
          </Row>
        ))}
      </Table>
    </>
  );
}

interface EvaluationsProps {
  evaluations: RunAnswer['evaluations'];
  textOf: (metric: string) => MetricWords;
}

/** The final evaluation on each part of the data, over all classes and class by class. */
export function Evaluations({ evaluations, textOf }: EvaluationsProps) {
  const lines = evaluations.flatMap(({ split, metrics, classes }) => [
    { split, name: 'all', metrics },
    ...Object.entries(classes ?? {}).map(([name, own]) => ({ split, name, metrics: own })),
  ]);
  if (lines.length < 2) return null;
  const texts = [...new Set(lines.flatMap(({ metrics }) => Object.keys(metrics)))].map(textOf);
  const columns = [
    { title: 'Part' },
    { title: 'Class' },
    ...texts.map(({ heading }) => ({ title: heading, number: true })),
  ];
  return (
    <>
      <h2>Evaluation by part and class</h2>
      <Table label="Evaluation by part and class" columns={columns}>
        {lines.map(({ split, name, metrics }) => (
          <Row key={`${split} ${name}`}>
            <TextCell column="Part">{split}</TextCell>
            <TextCell column="Class">{name}</TextCell>
            {texts.map((text) => (
              <TextCell key={text.name} column={text.heading} class="number">
                {text.value(metrics[text.name])}
              </TextCell>
            ))}
          </Row>
        ))}
      </Table>
    </>
  );
}

const attemptColumns: { title: string; of: (attempt: Attempt) => string | number }[] = [
  { title: '#', of: ({ number }) => number },
  { title: 'Launcher', of: ({ launcher }) => launcher },
  { title: 'Host', of: ({ environment }) => (typeof environment?.host === 'string' ? environment.host : '–') },
  { title: 'State', of: ({ state }) => state },
  {
    title: 'Ended by',
    of: ({ exitReason, exitMessage }) => [exitReason, exitMessage].filter(Boolean).join(': ') || '–',
  },
  { title: 'Started', of: ({ startedMs }) => moment(startedMs) },
  { title: 'Took', of: ({ startedMs, endedMs }) => (startedMs && endedMs ? duration(endedMs - startedMs) : '–') },
  { title: 'Resumed from', of: ({ resumeFrom }) => resumeFrom ?? '–' },
];

export function Attempts({ attempts }: Pick<RunAnswer, 'attempts'>) {
  return (
    <Table label="Attempts" columns={attemptColumns}>
      {attempts.map((attempt) => (
        <Row key={attempt.number}>
          {attemptColumns.map(({ title, of }) => (
            <TextCell key={title} column={title}>
              {of(attempt)}
            </TextCell>
          ))}
        </Row>
      ))}
    </Table>
  );
}
