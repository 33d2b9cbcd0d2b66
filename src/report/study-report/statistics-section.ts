import type { RunRecord } from '../../../db/index.ts';
import type { MetricText } from '../../domain/metric/text.ts';
import { isAhead } from '../../domain/study.ts';
import type { Section } from '../document/document.ts';
import { analyseVariance, meanInterval } from '../statistics/statistics.ts';
import { summarize } from '../statistics/summarize.ts';

/** Runs that differ only by their seeds. */
export interface RunGroup {
  name: string;
  runs: RunRecord[];
}

/** Baseline, then one group for each setting that was trained; a validation repeats its iteration's setting. */
export function groupBySetting(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const run of runs.filter((each) => each.state === 'finished' && !isAhead(each))) {
    const id = settingIdOf(run);
    const known = groups.get(id);
    if (known) known.runs.push(run);
    else
      groups.set(id, {
        name: run.kind === 'baseline' && run.iteration === null ? 'baseline' : `iteration ${run.iteration}`,
        runs: [run],
      });
  }
  return [...groups.values()];
}

/** Equal for runs that differ only by their seeds. */
export function settingIdOf({ workers, setting }: Pick<RunRecord, 'workers' | 'setting'>): string {
  return `${workers} ${JSON.stringify(setting)}`;
}

/** Mean, spread and interval of every metric by setting, then how much of the variance the settings explain. */
export function statisticsSection(groups: readonly RunGroup[], texts: readonly MetricText[]): Section {
  const valuesOf = (group: RunGroup, metric: string) =>
    group.runs.flatMap((run) => (Number.isFinite(run.metrics?.[metric]) ? [run.metrics![metric]!] : []));
  const repeated = groups.filter(({ runs }) => runs.length > 1);
  const single = groups.filter(({ runs }) => runs.length === 1).map(({ name }) => name);
  const rows = repeated.flatMap((group) =>
    texts.flatMap(({ name, heading, value: text }) => {
      const summary = summarize(valuesOf(group, name));
      if (!summary) return [];
      const interval = meanInterval(valuesOf(group, name));
      return [
        [
          group.name,
          heading,
          String(summary.n),
          text(summary.mean),
          summary.sd === null ? '–' : text(summary.sd),
          interval ? `${text(interval.low)} to ${text(interval.high)}` : 'one run: unknown',
        ],
      ];
    }),
  );
  const analyses = texts.flatMap(({ name, heading }) => {
    const found = analyseVariance(repeated.map((group) => valuesOf(group, name)));
    if (!found) return [];
    const { betweenGroups, withinGroups, f, p, icc } = found;
    const degrees = `${betweenGroups.degreesOfFreedom}, ${withinGroups.degreesOfFreedom}`;
    return [[heading, degrees, f.toFixed(2), p < 0.0001 ? '< 0.0001' : p.toFixed(4), icc.toFixed(2).replace('-', '−')]];
  });
  return {
    title: 'Variability',
    blocks: [
      {
        type: 'paragraph',
        text: 'Runs of one setting differ only by their seeds; a setting’s runs are those of its iteration and of its validations. The interval is the 95 % confidence interval of the mean by Student’s t.',
      },
      ...(single.length > 0
        ? [
            {
              type: 'paragraph' as const,
              text: `Trained once, so with unknown spread: ${single.join(', ')}. Their metrics are in the table of the path.`,
            },
          ]
        : []),
      ...(rows.length > 0
        ? [
            {
              type: 'table' as const,
              columns: [
                { title: 'Setting' },
                { title: 'Metric' },
                { title: 'Runs', number: true },
                { title: 'Mean', number: true },
                { title: 'Standard deviation', number: true },
                { title: '95 % interval', number: true },
              ],
              rows,
            },
          ]
        : []),
      ...(analyses.length > 0
        ? [
            {
              type: 'table' as const,
              caption:
                'One-way analysis of variance between settings that were trained more than once, and the intraclass correlation ICC(1): the share of the variance that is between settings rather than between seeds; below 0, the settings differ less than seeds alone would make them. The settings were chosen one after the other by their results, so p is descriptive.',
              columns: [
                { title: 'Metric' },
                { title: 'Degrees of freedom', number: true },
                { title: 'F', number: true },
                { title: 'p', number: true },
                { title: 'ICC', number: true },
              ],
              rows: analyses,
            },
          ]
        : [{ type: 'paragraph' as const, text: 'No setting was repeated often enough for an analysis of variance.' }]),
    ],
  };
}
