import type { RunRecord, Store, StudyRecord } from '../../../db/index.ts';
import { type ComparePolicy, comparePolicies } from '../../config/sections/compare.ts';
import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count, formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { anewText } from '../comparison/anew.ts';
import { type Comparison, comparison, policyOf } from '../comparison/comparison.ts';
import { comparisonSvg } from '../comparison/figure.ts';
import { policyRows } from '../comparison/text.ts';
import { policyMeaning, policyText } from '../comparison/words.ts';
import type { Block, Section } from '../document/document.ts';
import { minuteText, provenance, whereText } from '../provenance.ts';
import { simulatedNotice } from '../words.ts';
import { architectureSection, dataSection, machineSection } from './description-sections.ts';
import { studyFacts } from './facts.ts';
import { documentInWords } from './reader-words.ts';
import { repeatSection } from './repeat-section.ts';
import { runState } from './runs-section.ts';
import type { StudyReport } from './study-report.ts';

/** The report of a comparison: the metric by policy and number of workers, what was trained, and how to repeat it. */
export function comparisonReport({ store, study }: { store: Store; study: StudyRecord }): StudyReport {
  const data = comparison(store, study);
  const facts = studyFacts(store, study);
  const sections: Section[] = [
    answerSection(data, study),
    policiesSection(data),
    runsSection(data, facts.runs),
    dataSection(facts),
    architectureSection(facts),
    machineSection(facts),
    repeatSection(study, 'autopilot compare study.yaml'),
  ];
  const { config, environments, manifest: dataManifest, runs, attempts } = facts;
  return {
    document: documentInWords({ title: `${study.name}: which policy keeps the accuracy on many workers?`, sections }),
    manifest: {
      format: 1,
      comparison: data,
      study: { ...study, config },
      ...{ runs, attempts, environments, dataManifest },
    },
  };
}

function answerSection(data: Comparison, study: StudyRecord): Section {
  const { metrics, workers, baseline, simulated, totals, epochs } = data;
  const [primary = 'dice'] = metrics;
  const text = metricTexts(data)(primary);
  const reference = baseline?.metrics[primary];
  const seconds = totals.hours * 3600;
  const facts: [string, string][] = [
    ['Metric drawn', text.meaning],
    ['Epochs of a run', String(epochs)],
    [
      'Cost',
      simulated
        ? `${count(totals.trained, 'simulated run')}; nothing was trained`
        : `${count(totals.trained, 'run')}${totals.inSearches === 0 ? '' : `, ${totals.inSearches} of them to find settings`}, ${formatSeconds(seconds)} of training`,
    ],
    ['Started', `${minuteText(provenance(study).created)} UTC`],
    ['Made on', whereText(provenance(study))],
  ];
  const blocks: Block[] = [
    ...(simulated ? [{ type: 'paragraph' as const, tone: 'warning' as const, text: simulatedNotice }] : []),
    {
      type: 'paragraph',
      text: `Question: how does ${primary} depend on the number of workers under each learning-rate policy, against one worker?`,
    },
    { type: 'paragraph', tone: 'answer', text: `Answer: ${answerOf(data, text)}` },
    {
      type: 'table',
      columns: [
        { title: text.heading },
        ...workers.map((k) => ({ title: `${formatNumber(k)} workers`, number: true })),
      ],
      rows: policyRows(data, text),
      caption: `${reference === undefined ? '' : `One worker: ${text.spreadWithUnit(reference)} (${count(reference.n, 'run')}). `}Mean ± standard deviation over runs; ${differenceLegend(data, 'one worker', [primary])}.`,
    },
    ...anewText(data.anew, text).map((line): Block => ({ type: 'paragraph', text: line })),
    {
      type: 'figure',
      svg: comparisonSvg(data),
      caption: `${text.meaning}, against the number of workers; bars and band: one standard deviation to either side.`,
      file: `${data.comparison}.svg`,
    },
    { type: 'facts', facts },
  ];
  return { title: 'Question and answer', blocks };
}

/** For each number of workers, the policy with the best mean and its difference from one worker. */
function answerOf({ asked, lines, baseline }: Comparison, text: MetricText): string {
  if (baseline === null || lines.length === 0 || text.sign === 0) return 'not yet.';
  const sentences = asked.flatMap((k) => {
    const measured = lines.flatMap(({ policy, points }) => {
      const found = points.find((point) => point.workers === k && point.diverged === 0)?.metrics[text.name];
      return found === undefined ? [] : [{ policy, found }];
    });
    const [best] = measured.sort((a, b) => text.sign * (b.found.mean - a.found.mean));
    if (best === undefined) {
      const trained = lines.some(({ points }) => points.some((point) => point.workers === k));
      return [`on ${k} workers ${trained ? 'none, since all have runs that diverged' : 'nothing is measured yet'}`];
    }
    const { difference, differenceInterval: interval } = best.found;
    const change = difference === null ? '' : ` (${text.change({ difference, interval })})`;
    return [`on ${k} workers it is “${policyText[best.policy]}”${change}`];
  });
  return `the policy with the best mean, and its difference from one worker: ${sentences.join('; ')}.`;
}

function policiesSection({ lines }: Comparison): Section {
  const facts = lines.map(({ policy }): [string, string] => [policyText[policy], policyMeaning[policy]]);
  const text = 'k is the number of workers, η the initial rate of one worker.';
  return {
    title: 'The policies',
    blocks: [
      { type: 'facts', facts },
      { type: 'paragraph', text },
    ],
  };
}

function runsSection(data: Comparison, runs: readonly RunRecord[]): Section {
  const texts = data.metrics.map(metricTexts(data));
  const nameOf = ({ key, kind }: RunRecord) => {
    const policy = comparePolicies.find((name): name is ComparePolicy => name === policyOf(key));
    return kind === 'baseline' ? policyText.baseline : policy === undefined ? '' : policyText[policy];
  };
  return {
    title: 'Runs and seeds',
    blocks: [
      {
        type: 'table',
        columns: [
          { title: 'Policy' },
          { title: 'Workers', number: true },
          { title: 'Seed', number: true },
          { title: 'State' },
          ...texts.map(({ heading }) => ({ title: heading, number: true })),
        ],
        rows: runs.map((run) => [
          nameOf(run),
          String(run.workers),
          String(run.seed),
          runState(run),
          ...texts.map(({ name, value }) => (run.metrics?.[name] === undefined ? '' : value(run.metrics[name]))),
        ]),
        caption: 'Runs with the same seed begin with the same weights and see the images in the same order.',
      },
    ],
  };
}
