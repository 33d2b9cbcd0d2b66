import type { RunRecord } from '../../../db/index.ts';
import { fieldText } from '../../../machines/guideline/index.ts';
import { metricTexts } from '../../domain/metric/text.ts';
import { withEpochs } from '../../domain/setting.ts';
import { count, formatNumber, formatSeconds } from '../../domain/text/format.ts';
import type { Block, Section } from '../document/document.ts';
import type { StudyFacts } from './facts.ts';
import { keyWords, valueWords } from './plain-words.ts';
import { groupBySetting, settingIdOf } from './statistics-section.ts';

const fields = ['initialLr', 'decayCoefficient', 'warmupEpochs', 'decayEpochs', 'optimizer', 'epochs'] as const;

/** Every setting once, then every run with its seed. */
export function runsSection({ study, runs, attempts, history }: StudyFacts): Section {
  const texts = history.metrics.map(metricTexts(history));
  const attemptsOf = (id: string) => attempts.filter(({ runId }) => runId === id).length;
  const groups = groupBySetting(runs);
  const names = new Map(groups.map(({ name, runs: [first] }) => [settingIdOf(first!), name]));
  const { totals } = history;
  const cost = `${formatSeconds(totals.seconds)} of training, ${formatNumber(Number(totals.workerHours.toPrecision(3)))} worker-hours`;
  const settings: Block = {
    type: 'table',
    caption: 'Settings, each named after the first iteration that had it; warmup, decay and total in epochs.',
    columns: [
      { title: 'Setting' },
      { title: 'Workers', number: true },
      ...fields.map((field) => ({ title: keyWords(fieldText[field]), number: field !== 'optimizer' })),
    ],
    rows: groups.map(({ name, runs: [first] }) => {
      const setting = withEpochs(first!.setting, study.epochs);
      return [name, String(first!.workers), ...fields.map((field) => fieldValue(setting[field]))];
    }),
  };
  return {
    title: 'Runs and seeds',
    blocks: [
      {
        type: 'paragraph',
        text: history.simulated
          ? `${count(totals.runs, 'simulated run')}; nothing was trained.`
          : `${count(totals.runs, 'run')}, ${cost}.`,
      },
      settings,
      {
        type: 'table',
        columns: [
          { title: 'Run' },
          { title: 'Setting' },
          { title: 'Workers', number: true },
          { title: 'Seed', number: true },
          { title: 'State' },
          { title: 'Attempts', number: true },
          ...texts.map(({ heading }) => ({ title: heading, number: true })),
        ],
        rows: runs.map((run) => [
          run.key,
          names.get(settingIdOf(run)) ?? 'of its own',
          String(run.workers),
          String(run.seed),
          runState(run),
          String(attemptsOf(run.id)),
          ...texts.map(({ name, value }) => (run.metrics?.[name] === undefined ? '' : value(run.metrics[name]))),
        ]),
      },
    ],
  };
}

function fieldValue(value: number | string | undefined): string {
  return typeof value === 'number' ? formatNumber(value) : valueWords(value ?? '');
}

/** `finished`, `diverged: the loss became NaN in epoch 3`, `finished, imported`. */
export function runState({ state, reason, origin }: RunRecord): string {
  if (reason) return `${state}: ${reason}`;
  return origin === 'trained' ? state : `${state}, ${origin}`;
}
