import type { AttemptRecord, DecisionRecord } from '../../../db/index.ts';
import { actionText, speedUpText } from '../../../machines/guideline/index.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { formatNumber, formatSeconds } from '../../domain/text/format.ts';
import { printableLine } from '../../domain/text/printable.ts';
import { bestIterationsText, estimateText } from '../best-text.ts';
import { measuredLines, rowMeasurement, unverifiedSentence } from '../measured.ts';
import type { MeasuredRow } from '../parts.ts';
import { partsOfRowText } from '../parts-text.ts';
import { actionChangesText, changesText, settingChanges, settingText } from '../setting-text.ts';
import { speedUpOf } from '../speed-up.ts';
import { differenceIn } from '../statistics/compared.ts';
import type { TextOptions } from '../tables/text-table.ts';
import { wrap } from '../tables/text-width.ts';
import { plainReason, simulatedNotice, verdictText } from '../words.ts';
import { noiseByPhase } from './noise-by-phase.ts';
import { terminalPlot } from './plot.ts';
import type { Shown, ShownRun } from './show.ts';

/** Number of runs shown with curves; further runs get only their numbers, unless one is asked for by key. */
const mostCurves = 2;

export function shownText(shown: Shown, { width, colors }: TextOptions): string {
  const { study, simulated, what, rows, runs, decisions } = shown;
  const paragraph = Math.min(width, 100);
  const blocks: string[] = [];
  if (simulated) blocks.push(colors.yellow(colors.bold(simulatedNotice)));
  blocks.push(
    [`${colors.bold(study)}, ${colors.bold(what)}`, ...rows.flatMap((row) => rowLines(row, shown))].join('\n'),
  );
  for (const [index, run] of runs.entries()) {
    const lines = [...runLines(run, shown), ...(index < mostCurves ? curves(run, shown, width) : [])];
    blocks.push(lines.join('\n'));
  }
  if (runs.length > mostCurves)
    blocks.push(colors.dim(`Curves of the other runs: autopilot show ${study} ${runs.at(-1)!.run.key}`));
  if (runs.length === 0) blocks.push('It was not trained.');
  for (const decision of decisions) blocks.push(decisionLines(decision, paragraph, colors.bold).join('\n'));
  if (decisions.length === 0) blocks.push('Nothing has been decided on it yet.');
  return blocks.join('\n\n');
}

function rowLines(row: MeasuredRow, shown: Shown): string[] {
  const textOf = metricTexts(shown);
  const lines = [];
  if (row.action !== null) lines.push(`action    ${actionText[row.action]}`);
  if (row.setting !== null) lines.push(`setting   ${settingText(row.setting)}`);
  const speed = speedUpOf(row, shown);
  if (speed !== null && row.workers > 1) {
    lines.push(`speed     ${speedUpText({ workers: row.workers, epochs: speed.epochs, ofStudy: shown.epochs })}`);
  }
  if (row.changes.length > 0) lines.push(`changed   ${changesText(row.changes)}`);
  const means = shown.metrics.flatMap((name) => {
    const summary = row.metrics[name];
    if (summary === undefined) return [];
    const text = textOf(name);
    const compared = differenceIn(summary);
    const against = compared === null ? '' : ` (${text.change(compared)})`;
    return [`${name} ${text.valueWithUnit(summary.mean)}${against}`];
  });
  const compared = shown.metrics.some((name) => (row.metrics[name]?.difference ?? null) !== null);
  const against = compared ? '; in brackets: against the baseline' : '';
  if (means.length > 0) lines.push(`metrics   ${means.join(', ')}${against}`);
  const { best } = shown;
  const [primary = ''] = shown.metrics;
  const estimate = best?.metrics[primary];
  const isBest = best !== null && row.iteration !== null && best.iterations.includes(row.iteration);
  if (isBest && estimate !== undefined) {
    const found = estimateText(textOf(primary), estimate, best.intervals[primary]);
    lines.push(`best      the study's best setting: ${primary} ${found}, ${bestIterationsText(best)}`);
  }
  if (shown.extended !== '' && (isBest || row.kind === 'baseline')) lines.push(`as long   ${shown.extended}`);
  lines.push(...partsOfRowText(row.parts, textOf));
  lines.push(`workers   ${row.workers}, ${formatSeconds(row.seconds)}`);
  return lines;
}

function runLines({ run, epochs, attempts, warnings }: ShownRun, shown: Shown): string[] {
  const { metrics } = shown;
  const textOf = metricTexts(shown);
  const all = run.metrics ?? {};
  const names = [
    ...metrics.filter((name) => name in all),
    ...Object.keys(all).filter((name) => !metrics.includes(name)),
  ];
  const numbers = names.map((name) => `${name} ${textOf(name).valueWithUnit(all[name]!)}`).join(', ');
  const origin = run.origin === 'trained' ? '' : `, ${run.origin}, not trained here`;
  const state = `${run.state}${run.reason === null ? '' : ` (${run.reason})`}`;
  return [
    `run ${run.key}: ${state}, seed ${run.seed}${origin}${numbers === '' ? '' : `; ${numbers}`}`,
    ...(run.measured === null ? [] : measuredLines(run.measured).map((line) => `  ${line}`)),
    ...unverifiedLines(run),
    ...warnings.map((message) => `  warning: ${printableLine(message)}`),
    ...noiseLines({ run, epochs }),
    ...attempts.filter((attempt) => attempts.length > 1 || attempt.exitReason !== 'finished').map(attemptLine),
  ];
}

/** The noise scale by phase; where it is below the batch of a step, more workers gain little. */
function noiseLines({ run, epochs }: Pick<ShownRun, 'run' | 'epochs'>): string[] {
  const phases = noiseByPhase(epochs);
  if (phases.length === 0) return [];
  const scales = phases.map(({ phase, scale }) => `${phase ?? 'all epochs'} ${Number(scale.toPrecision(2))}`);
  const batch = run.workers * (run.measured?.batchPerWorker ?? 1);
  return [`  gradient noise scale: ${scales.join(', ')} samples; a step has ${batch}`];
}

function unverifiedLines(run: ShownRun['run']): string[] {
  const sentence = unverifiedSentence(rowMeasurement([run]).unverified);
  return sentence === '' ? [] : [`  ${sentence}`];
}

function attemptLine({
  number,
  launcher,
  state,
  exitReason,
  exitMessage,
  resumeFrom,
  activeMs,
  queuedMs,
}: AttemptRecord): string {
  const queued = queuedMs < 60_000 ? '' : ` after ${formatSeconds(queuedMs / 1000)} in the queue`;
  const time = activeMs === 0 ? '' : `, ${formatSeconds(activeMs / 1000)}${queued}`;
  const from = resumeFrom === null ? '' : `, from checkpoint ${resumeFrom}`;
  const exit = exitReason === null ? state : `${exitReason}${exitMessage === null ? '' : `: ${exitMessage}`}`;
  return `  attempt ${number} (${launcher}${time}${from}): ${exit}`;
}

function curves({ epochs }: ShownRun, shown: Shown, width: number): string[] {
  if (epochs.length === 0) return ['  no epochs stored'];
  const length = epochs.at(-1)!.epoch;
  const series = (pick: (epoch: (typeof epochs)[number]) => number | null | undefined) => {
    const values = new Array<number>(length).fill(Number.NaN);
    for (const epoch of epochs) values[epoch.epoch - 1] = pick(epoch) ?? Number.NaN;
    return values;
  };
  const primary = shown.metrics.find((name) => epochs.some((epoch) => epoch.metrics?.[name] !== undefined));
  const plotWidth = Math.max(20, Math.min(60, (Number.isFinite(width) ? width : 80) - 14));
  const plots = [terminalPlot({ values: series(({ loss }) => loss), title: 'training loss ↓', width: plotWidth })];
  if (primary)
    plots.push(
      terminalPlot({
        values: series((epoch) => epoch.metrics?.[primary]),
        title: metricTexts(shown)(primary).heading,
        width: plotWidth,
      }),
    );
  plots.push(
    terminalPlot({ values: series(({ lr }) => lr), title: `rate (${phaseText(epochs)})`, width: plotWidth, height: 5 }),
  );
  return ['', plots.join('\n\n')];
}

/** `warmup 1 to 5, stabilization 6 to 25, decay 26 to 40`. */
function phaseText(epochs: ShownRun['epochs']): string {
  const spans: { phase: string; from: number; to: number }[] = [];
  for (const { phase, epoch } of epochs) {
    if (phase === null) continue;
    const last = spans.at(-1);
    if (last?.phase === phase) last.to = epoch;
    else spans.push({ phase, from: epoch, to: epoch });
  }
  return spans.map(({ phase, from, to }) => `${phase} ${from} to ${to}`).join(', ') || 'no phases reported';
}

function decisionLines(decision: DecisionRecord, width: number, bold: (text: string) => string): string[] {
  const { sequence, verdict, rule, observed, next, settingBefore, settingAfter, guidelineHash, reason } = decision;
  const saw = Object.entries(observed).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? formatNumber(value) : (value ?? 'none')}`,
  );
  const changes = settingBefore && settingAfter ? settingChanges(settingBefore, settingAfter) : [];
  return [
    bold(`decision ${sequence}: ${verdictText[verdict]}`),
    ...wrap(plainReason(reason), width),
    ...wrap(`what the rule saw: ${saw.join(', ') || 'nothing'}`, width),
    `rule ${rule}, guideline ${guidelineHash.slice(0, 12)}`,
    `next: ${'action' in next ? actionChangesText(next.action, changes) : `outcome ${next.outcome}`}`,
  ];
}
