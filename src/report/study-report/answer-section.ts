import { type MetricText, metricTexts } from '../../domain/metric/text.ts';
import type { Verdict } from '../../domain/study.ts';
import { count, formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { bestIterationsText, estimateText } from '../best-text.ts';
import type { Block, Section } from '../document/document.ts';
import { extendedBaselineSentence } from '../extended-baseline-text.ts';
import { warningSentences } from '../history/warning-sentences.ts';
import { measuredLines, unverifiedSentence } from '../measured.ts';
import { bestOnTestPart } from '../parts-text.ts';
import { provenance, whenText, whereText } from '../provenance.ts';
import { settingText } from '../setting-text.ts';
import { speedUpSentence } from '../speed-up.ts';
import { differenceIn } from '../statistics/compared.ts';
import { plainReason, simulatedNotice } from '../words.ts';
import { decisionRule, type StudyFacts } from './facts.ts';
import { outcomeWords } from './plain-words.ts';

/** The question, the answer as one sentence, then the numbers behind it. */
export function answerSection(facts: StudyFacts): Section {
  const { history, study } = facts;
  const primary = history.metrics[0]!;
  const text = metricTexts(history)(primary);
  const blocks: Block[] = [];
  if (history.simulated) blocks.push({ type: 'paragraph', tone: 'warning', text: simulatedNotice });
  blocks.push(
    {
      type: 'paragraph',
      text: `Question: can this network be trained on ${count(study.workers, 'worker')}, ${count(study.epochs, 'epoch')}, ${text.isAccuracy ? `with no loss of ${primary} against one worker` : `with a ${primary} no worse than one worker's (${[text.measuredIn, text.direction].filter(Boolean).join(', ')})`}, and with which setting?`,
    },
    { type: 'paragraph', tone: 'answer', text: answerText(facts) },
  );
  const unverified = unverifiedSentence(history.unverified);
  if (unverified !== '') blocks.push({ type: 'paragraph', tone: 'warning', text: unverified });
  for (const text of warningSentences(history.warnings)) blocks.push({ type: 'paragraph', tone: 'warning', text });
  const { best, baseline, totals, outcome, reason } = history;
  const [found, reference] = [best?.metrics[primary], baseline?.metrics[primary]];
  const named: [string, string | null | undefined][] = [
    ['Outcome', outcome ? `${outcomeWords(outcome)}${unverified === '' ? '' : '; unverified'}` : 'Not ended'],
    ['Metric decided on', metricMeaningText(text, history.reportedInPercent)],
    [`Baseline ${primary}, 1 worker`, reference && estimateText(text, reference)],
    [
      `Best ${primary}, ${count(study.workers, 'worker')}`,
      best && found && `${estimateText(text, found, best.intervals[primary])}, ${bestIterationsText(best)}`,
    ],
    ['Best setting', best?.setting && settingText(best.setting)],
    ['Speed kept', speedUpSentence(history)],
    ['Baseline trained as long', extendedBaselineSentence(history)],
    ['Starting setting', baseline?.setting && settingText(baseline.setting)],
    [
      'Cost',
      history.simulated
        ? `${count(totals.runs, 'simulated run')}; nothing was trained`
        : `${count(totals.runs, 'run')}${totals.reused === 0 ? '' : `, ${totals.reused} of them taken from other studies`}, ${formatSeconds(totals.seconds)} of training, ${formatNumber(Number(totals.workerHours.toPrecision(3)))} worker-hours`,
    ],
    [
      `Asked and measured, ${count(study.workers, 'worker')}`,
      history.simulated ? null : best?.measured && measuredLines(best.measured).join('; '),
    ],
    ['Started', whenText(provenance(study))],
    ['Made on', whereText(provenance(study))],
    ['How it was decided', decisionRule(facts)],
    ['Last decision', plainReason(reason ?? facts.decisions.at(-1)?.reason ?? '')],
  ];
  blocks.push({ type: 'facts', facts: named.flatMap(([name, value]) => (value ? [[name, value]] : [])) });
  return { title: 'Question and answer', blocks };
}

function metricMeaningText({ meaning, measuredIn }: MetricText, inPercent: boolean): string {
  const percent = inPercent ? '; the trainer reports percent, shown here as fractions' : '';
  return `${meaning}; differences ${measuredIn || 'in its own values'}${percent}`;
}

function answerText({ history }: StudyFacts): string {
  const { outcome, best, baseline, metrics, workers } = history;
  const primary = metrics[0]!;
  const text = metricTexts(history)(primary);
  const [found, reference] = [best?.metrics[primary], baseline?.metrics[primary]];
  const head = outcome === null ? 'Not answered yet' : (answers[outcome] ?? outcome);
  const compared = found && differenceIn(found);
  if (!best || !found || !reference || !compared) return `Answer: ${head}.`;
  const which = outcome === 'noLoss' ? 'The confirmed setting' : 'The best setting';
  const estimate = estimateText(text, found, best.intervals[primary]);
  const onTest = bestOnTestPart(history);
  return `Answer: ${head}. ${which} (${bestIterationsText(best)}) has ${primary} ${estimate} on ${count(workers, 'worker')}; one worker has ${estimateText(text, reference)}: a difference of ${text.change(compared)}.${onTest === '' ? '' : ` ${onTest}`}`;
}

const answers: Record<string, string> = {
  noLoss: 'yes, with no loss that the decision rule would not accept',
  exhausted: 'no setting was found that keeps the accuracy, and every action of the guideline was tried',
  complete: 'every run that was asked for has its result',
  budgetSpent: 'none within the budget',
  cancelled: 'none, the study was cancelled',
  failed: 'none, the study failed',
};

/** What the verdicts of this study's table mean. */
export function verdictBlock({ history }: StudyFacts): Block {
  const met = new Set(history.iterations.flatMap(({ verdict }) => (verdict ? [verdict] : [])));
  const items = Object.entries(meanings).flatMap(([verdict, meaning]) =>
    met.has(verdict as Verdict) ? [meaning] : [],
  );
  return { type: 'list', items };
}

const meanings: Partial<Record<Verdict, string>> = {
  reached: 'reached: close enough to the baseline to be validated',
  confirmed: 'confirmed: runs with new seeds kept the baseline, which ends the study',
  notConfirmed: 'not confirmed: runs with new seeds did not keep it; their result counts as the iteration’s',
  confirmedExtended: 'no loss too: without loss against one worker that trains as many epochs, too',
  notConfirmedExtended:
    'not shown: whether there is a loss against one worker that trains as many epochs was not shown; what was confirmed against its own epochs stands',
  undecided: 'undecided: more runs with new seeds were needed',
  improved: 'improved: better than what the rule compared it with, so the same action continues',
  degraded: 'degraded: not better than what the rule compared it with, so the next action follows',
  cannotTell: 'cannot tell yet: too close to the best other setting for the runs so far',
  diverged: 'diverged: the training broke down, which counts as degraded',
};
