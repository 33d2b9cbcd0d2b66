import type { Store, StudyRecord } from '../../../db/index.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import type { Section } from '../document/document.ts';
import { minuteText, provenance, whereText } from '../provenance.ts';
import { scalingSvg } from '../scaling/figure.ts';
import { type Scaling, type ScalingCount, scaling, studiesOf } from '../scaling/scaling.ts';
import { scalingTable } from '../scaling/table.ts';
import { errorRateSentence, scalingLegend, unverifiedSentences } from '../scaling/text.ts';
import { outcomeLabel, simulatedNotice } from '../words.ts';
import { architectureSection, dataSection, machineSection } from './description-sections.ts';
import { studyFacts } from './facts.ts';
import { documentInWords } from './reader-words.ts';
import { repeatSection } from './repeat-section.ts';
import { type StudyReport, studyReport } from './study-report.ts';

export interface ScalingReportOptions {
  store: Store;
  /** The scaling. */
  study: StudyRecord;
  /** The worker counts to try. */
  asked: readonly number[];
}

/** The report of a scaling: how many workers and what each number gains, then what was trained and how to repeat it. */
export function scalingReport({ store, study, asked }: ScalingReportOptions): StudyReport {
  const data = scaling(store, study, asked);
  const studies = studiesOf(store, study);
  const first = studies.at(-1);
  const facts = first === undefined ? null : studyFacts(store, first);
  const sections: Section[] = [
    answerSection(data, study),
    countsSection(data),
    ...(facts === null ? [] : [dataSection(facts), architectureSection(facts), machineSection(facts)]),
    repeatSection(study, 'autopilot scale study.yaml'),
  ];
  return {
    document: documentInWords({ title: `${study.name}: how many workers without loss?`, sections }),
    manifest: {
      format: 1,
      scaling: data,
      studies: studies.map((each) => studyReport({ store, study: each }).manifest),
    },
  };
}

/** A scaling is never closed, since it may get more counts after the last one: its answer follows from its counts. */
function answerOf({ counts, notTried }: Scaling): string {
  const had = counts.filter(({ outcome }) => outcome === 'noLoss').map(({ workers }) => workers);
  const found =
    had.length === 0
      ? 'no number of workers was shown to be without loss'
      : `no accuracy loss on ${listed(had)} workers`;
  const open = counts.some(({ outcome }) => outcome === null);
  const left = notTried.length === 0 ? '' : `; not tried: ${listed(notTried)} workers`;
  return `${found}${left}${open ? '; not ended yet' : ''}.`;
}

function listed(workers: readonly number[]): string {
  return workers.length < 2 ? workers.join('') : `${workers.slice(0, -1).join(', ')} and ${workers.at(-1)}`;
}

function answerSection(data: Scaling, study: StudyRecord): Section {
  const text = metricTexts(data)(data.metric);
  const { columns, rows } = scalingTable(
    data,
    ({ outcome, unverified }) => `${labelOf(outcome)}${unverified.length > 0 ? ', unverified' : ''}`,
  );
  const made = provenance(study);
  return {
    title: 'Question and answer',
    blocks: [
      ...(data.simulated ? [{ type: 'paragraph' as const, tone: 'warning' as const, text: simulatedNotice }] : []),
      {
        type: 'paragraph',
        text: `Question: on how many workers can this network be trained with no loss of ${data.metric} against one worker, and what does each number bring?`,
      },
      {
        type: 'paragraph',
        tone: 'answer',
        text: `Answer: ${answerOf(data)}`,
      },
      ...(data.wishes.length > 0
        ? [{ type: 'list' as const, items: data.wishes.map(({ sentence }) => sentence) }]
        : []),
      {
        type: 'table',
        columns: columns.map(({ heading, number }) => ({ title: headingWords(heading), number })),
        rows: rows.map((cells) => columns.map((_, index) => cells[index] ?? '')),
        caption: `${scalingLegend(data, text.measuredIn, { advice: false })}`,
      },
      {
        type: 'figure',
        svg: scalingSvg(data),
        caption: 'Accuracy and the time of one training against the number of workers.',
        file: `${data.scaling}.svg`,
      },
      {
        type: 'facts',
        facts: [
          ['Started', `${minuteText(made.created)} UTC`],
          ['Made on', whereText(made)],
        ],
      },
      { type: 'paragraph', text: errorRateSentence(data) },
    ],
  };
}

function countsSection({ counts, totals }: Scaling): Section {
  return {
    title: 'The numbers of workers, one by one',
    blocks: [
      {
        type: 'table',
        columns: [
          { title: 'Workers', number: true },
          { title: 'Study' },
          { title: 'Iterations', number: true },
          { title: 'Runs trained', number: true },
          { title: 'How it ended' },
        ],
        rows: counts.map(({ workers, study, tried, trained, reason }) => [
          String(workers),
          study,
          String(tried),
          String(trained.runs),
          reason ?? 'not ended yet',
        ]),
        caption: `${count(totals.runs, 'run')} trained, ${totals.reused} reused. Each study has a report of its own, with every run and decision: autopilot report STUDY.`,
      },
      ...unverifiedSentences(counts).map((sentence) => ({
        type: 'paragraph' as const,
        tone: 'warning' as const,
        text: sentence,
      })),
    ],
  };
}

function labelOf(outcome: ScalingCount['outcome']): string {
  return outcome === null ? 'Not ended' : outcomeLabel[outcome];
}

const headings: Record<string, string> = { k: 'workers', 'a training': 'time of a training' };

/** The terminal's short headings, spelled out. */
function headingWords(heading: string): string {
  return headings[heading] ?? heading.replace('[95 %] n', '[95 % interval], runs');
}
