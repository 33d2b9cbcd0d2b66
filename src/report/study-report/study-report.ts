import type { Store, StudyRecord } from '../../../db/index.ts';
import { actionText } from '../../../machines/guideline/index.ts';
import { differenceLegend, type MetricText, metricTexts } from '../../domain/metric/text.ts';
import { count } from '../../domain/text/format.ts';
import { iterationChart, lineChart } from '../charts.ts';
import type { Block, ReportDocument, Section } from '../document/document.ts';
import type { HistoryRow } from '../history/history.ts';
import { storedInFractions } from '../metric-meaning.ts';
import { changesText } from '../setting-text.ts';
import { summarize } from '../statistics/summarize.ts';
import { plainReason, verdictText } from '../words.ts';
import { answerSection, verdictBlock } from './answer-section.ts';
import { type ChecklistItem, reproducibilityChecklist, scoreOf } from './checklist.ts';
import {
  architectureSection,
  dataSection,
  machineSection,
  optimizationSection,
  reproduceSection,
} from './description-sections.ts';
import { asRecord, type StudyFacts, studyFacts } from './facts.ts';
import { partsSection } from './parts-section.ts';
import { metricFacts, ruleWords } from './plain-words.ts';
import { documentInWords, inWords } from './reader-words.ts';
import { runsSection } from './runs-section.ts';
import { groupBySetting, type RunGroup, statisticsSection } from './statistics-section.ts';

export interface StudyReport {
  document: ReportDocument;
  /** The same facts for a program: config, decisions, runs, environments, checklist. */
  manifest: Record<string, unknown>;
}

/** The report of one study: the answer first, then everything thesis chapter 5 asks a paper to say. */
export function studyReport({ store, study }: { store: Store; study: StudyRecord }): StudyReport {
  const facts = studyFacts(store, study);
  const checklist = reproducibilityChecklist(facts);
  const metrics = [
    ...new Set([...facts.history.metrics, ...facts.runs.flatMap((run) => Object.keys(run.metrics ?? {}))]),
  ];
  const sections: Section[] = [
    answerSection(facts),
    pathSection(facts),
    ...partsSection(facts),
    curvesSection(store, facts),
    statisticsSection(groupBySetting(facts.runs), metrics.map(metricTexts(facts.history))),
    ...metricsSection(facts, metrics),
    dataSection(facts),
    architectureSection(facts),
    optimizationSection(facts),
    runsSection(facts),
    ...notesSection(facts),
    machineSection(facts),
    reproduceSection(facts),
    checklistSection(checklist),
  ];
  return {
    document: documentInWords({
      title: `${study.name}: can it train on ${count(study.workers, 'worker')} with no loss?`,
      sections,
    }),
    manifest: manifestOf(facts, checklist),
  };
}

function pathSection(facts: StudyFacts): Section {
  const { history, decisions } = facts;
  const texts = history.metrics.map(metricTexts(history));
  const metricColumns = texts.map(({ heading }) => ({ title: heading, number: true }));
  const cells = (row: HistoryRow) =>
    texts.map((text) => {
      const value = row.metrics[text.name];
      if (!value) return '';
      const difference =
        value.difference === null || row.iteration === null ? '' : ` (${text.difference(value.difference)})`;
      return `${text.spread(value)}${difference}`;
    });
  const rows = [...(history.baseline ? [history.baseline] : []), ...history.iterations].map((row) => [
    row.iteration === null ? '' : String(row.iteration),
    row.iteration === null ? `baseline, 1 worker, ${count(row.runs, 'run')}` : row.action ? actionText[row.action] : '',
    row.iteration === null ? '' : changesText(row.changes),
    ...cells(row),
    row.verdict ? verdictText[row.verdict] : row.state === 'notTrained' ? 'not trained' : row.state,
  ]);
  const points = history.iterations.map((row) => ({
    label: String(row.iteration),
    values: Object.fromEntries(
      history.metrics.flatMap((name) => (row.metrics[name] ? [[name, row.metrics[name].mean]] : [])),
    ),
  }));
  const baseline = history.baseline?.metrics[history.metrics[0]!] ?? null;
  const drawn = onOneAxis(texts).map((text) => ({ ...text, heading: inWords(text.heading) }));
  return {
    title: 'The path through the guideline',
    blocks: [
      {
        type: 'table',
        caption: `Mean ± standard deviation over the runs of a row; ${differenceLegend(history)}.`,
        columns: [
          { title: '#', number: true },
          { title: 'Action' },
          { title: 'What changed' },
          ...metricColumns,
          { title: 'Verdict' },
        ],
        rows,
      },
      verdictBlock(facts),
      {
        type: 'figure',
        svg: iterationChart(points, drawn, baseline),
        file: 'iterations.svg',
        caption: `By iteration: ${joined(drawn)}. The band is the baseline’s mean ± standard deviation of ${history.metrics[0]}.${apart(texts, drawn)}`,
      },
      {
        type: 'paragraph',
        text: 'Every decision, in order, and what it was judged by; manifest.json names the rule of each:',
      },
      {
        type: 'list',
        items: decisions.map(({ iteration, reason, rule }) => {
          const judgedBy = ruleWords(rule);
          const where = iteration === null ? 'Baseline' : `Iteration ${iteration}`;
          return `${where}${judgedBy === '' ? '' : `, ${judgedBy}`}: ${plainReason(reason)}`;
        }),
      },
    ],
  };
}

/** How autopilot's own trainer computes the metrics; what another trainer means by a name is unknown. */
function metricsSection({ config }: StudyFacts, names: readonly string[]): Section[] {
  const facts = asRecord(config.trainer).kind === 'embedded' ? metricFacts(names) : [];
  if (facts.length === 0) return [];
  const text =
    'TP, FP and FN: true positives, false positives and false negatives, counted over a whole part of the data.';
  return [
    {
      title: 'Metrics',
      blocks: [
        { type: 'facts', facts },
        { type: 'paragraph', text },
      ],
    },
  ];
}

/** The metrics that share the primary one's unit and direction: others do not belong on its axis. */
function onOneAxis(texts: readonly MetricText[]): MetricText[] {
  const [primary] = texts;
  return texts.filter(({ measuredIn, sign }) => measuredIn === primary?.measuredIn && sign === primary.sign);
}

function joined(texts: readonly MetricText[]): string {
  return texts.map(({ meaning }) => meaning).join('; ');
}

function apart(texts: readonly MetricText[], drawn: readonly MetricText[]): string {
  const others = texts.filter((text) => !drawn.some(({ name }) => name === text.name)).map(({ meaning }) => meaning);
  return others.length === 0 ? '' : ` Not drawn because of a different unit or direction: ${others.join('; ')}.`;
}

/** Maximum number of settings drawn besides the baseline, limited by the colours that can be told apart. */
const mostCurves = 5;

function drawnGroups(groups: readonly RunGroup[], { name, sign }: MetricText): RunGroup[] {
  const worth = ({ runs }: RunGroup) => {
    const summary = summarize(runs.flatMap((run) => run.metrics?.[name] ?? []));
    return summary === null ? Number.NEGATIVE_INFINITY : sign * summary.mean;
  };
  const best = new Set([...groups.slice(1)].sort((a, b) => worth(b) - worth(a)).slice(0, mostCurves));
  return groups.filter((group, index) => index === 0 || best.has(group));
}

function curvesSection(store: Store, { runs, history }: StudyFacts): Section {
  const primary = history.metrics[0]!;
  const groups = groupBySetting(runs);
  const text = metricTexts(history)(primary);
  const read = storedInFractions(history);
  const shown = drawnGroups(groups, text).map((group) => ({
    name: group.name,
    epochs: store.epochsOf(group.runs[0]!.id).map(({ metrics, ...epoch }) => ({ ...epoch, metrics: read(metrics) })),
  }));
  const finite = (value: number | null | undefined) => (Number.isFinite(value) ? value! : null);
  const curve = (of: (epoch: (typeof shown)[number]['epochs'][number]) => number | null | undefined) =>
    shown.map(({ name, epochs }) => ({
      name,
      points: epochs.map((epoch): [number, number | null] => [epoch.epoch, finite(of(epoch))]),
    }));
  const which =
    shown.length < groups.length
      ? `first run of the baseline and of the ${mostCurves} settings with the best ${primary} (${text.direction})`
      : 'first run of each setting';
  const blocks: Block[] = [
    {
      type: 'figure',
      svg: lineChart(
        curve(({ loss }) => loss),
        { x: 'epoch', y: 'training loss ↓' },
      ),
      file: 'loss.svg',
      caption: `Mean training loss of each epoch; ${which}.`,
    },
  ];
  if (shown.some(({ epochs }) => epochs.some((epoch) => epoch.metrics?.[primary] !== undefined))) {
    blocks.push({
      type: 'figure',
      svg: lineChart(
        curve(({ metrics }) => metrics?.[primary]),
        { x: 'epoch', y: inWords(text.heading) },
      ),
      file: 'metric.svg',
      caption: `${text.meaning}, after each epoch on the data the study decides on; ${which}.`,
    });
  }
  return { title: 'Training curves', blocks };
}

function notesSection({ notes }: StudyFacts): Section[] {
  if (notes.length === 0) return [];
  const items = notes.map(
    ({ timeMs, runKey, text }) => `${new Date(timeMs).toISOString()}${runKey === null ? '' : `, ${runKey}`}: ${text}`,
  );
  return [{ title: 'Notes', blocks: [{ type: 'list', items }] }];
}

const stateWords = { met: '✓ yes', missing: 'missing', notApplicable: 'does not apply' };

function checklistSection(items: readonly ChecklistItem[]): Section {
  const missing = items.filter(({ state }) => state === 'missing');
  const none = items.filter(({ state }) => state === 'notApplicable').length;
  const apart = none === 0 ? '' : `; ${none} of them ${none === 1 ? 'does' : 'do'} not apply`;
  return {
    title: 'Reproducibility checklist',
    blocks: [
      {
        type: 'paragraph',
        text: `${scoreOf(items)} recommendations of Guedria 2020, §5.5 and Figure 5.5, are met by what is stored${apart}.`,
      },
      {
        type: 'table',
        columns: [{ title: 'Recommendation' }, { title: 'Met' }, { title: 'Found, how to add it, or why not' }],
        rows: items.map(({ recommendation, state, detail }) => [recommendation, stateWords[state], detail]),
      },
      ...(missing.length > 0
        ? [
            {
              type: 'paragraph' as const,
              tone: 'warning' as const,
              text: `Missing: ${missing.map(({ recommendation }) => recommendation).join('; ')}.`,
            },
          ]
        : []),
    ],
  };
}

function manifestOf(
  { study, config, history, runs, attempts, decisions, environments, notes, manifest }: StudyFacts,
  checklist: ChecklistItem[],
) {
  return {
    format: 1,
    study: { ...study, config },
    history,
    runs,
    attempts,
    decisions,
    notes,
    environments,
    dataManifest: manifest,
    checklist,
  };
}
