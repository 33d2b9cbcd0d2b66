import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { dryRunData } from '../../src/compare/dry-run.ts';
import { progressLines } from '../../src/compare/progress-lines.ts';
import { runComparison } from '../../src/compare/run-comparison.ts';
import { resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';
import { comparison } from '../../src/report/comparison/comparison.ts';
import { comparisonText } from '../../src/report/comparison/text.ts';
import { composeStudy } from '../../src/report/composed-study/composed-study.ts';
import { composedStudyText } from '../../src/report/composed-study/text.ts';
import { studyHistory } from '../../src/report/history/history.ts';
import { studyList } from '../../src/report/history/study-list.ts';
import { historySummary } from '../../src/report/history/summary.ts';
import { simulatedJobs } from '../engine/simulated-jobs.ts';

const options = { width: 200, colors: pc.createColors(false) };

async function compared(more: object = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'compare-counts-'));
  const value = {
    name: 'sim',
    trainer: { kind: 'simulated' },
    workers: 18,
    epochs: 20,
    setting: { initialLr: 0.3 },
    concurrentRuns: 2,
    compare: { workers: [4, 18], policies: ['constant', 'greScale', 'guideline'], seeds: 2, iterations: 4 },
    ...more,
  };
  const config = resolveStudyConfig(studyConfig.parse(value), directory);
  const store = openStore({ path: join(directory, 'autopilot.db') });
  const jobs = simulatedJobs();
  const [say, lines]: [ReturnType<typeof progressLines>, string[]] = [progressLines(), []];
  const onProgress = (event: Parameters<typeof say>[0]) => lines.push(...say(event));
  await runComparison({ config, directory, store, launcher: jobs.launcher(), onProgress });
  const end = () => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { config, value, store, jobs, lines, data: comparison(store, store.comparisons()[0]!), end };
}

it('counts the runs of a comparison alike in its lines, its summary and its data', async () => {
  const { lines, data, jobs, store, end } = await compared();
  const counted = lines.flatMap((line) => /^\[(\d+)\/(\d+)\]/.exec(line)?.slice(1).map(Number) ?? []);
  const numbers = counted.filter((_, index) => index % 2 === 0);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(counted.at(-1)).toBe(data.totals.runs);
  expect(numbers.at(-1)).toBe(data.totals.runs);
  expect(lines.at(-1)).toContain(`all ${data.totals.runs} runs have ended`);
  const { trained, inSearches } = data.totals;
  expect(jobs.started).toHaveLength(trained);
  expect(data.searches.reduce((sum, { runs }) => sum + runs, 0)).toBe(inSearches);
  expect(comparisonText(data, options)).toContain(
    `${trained - inSearches} runs of the comparison and ${inSearches} of its studies, ${trained} in all, trained`,
  );
  const listed = studyList(store).map(({ study, iterations }) => [study, iterations]);
  expect(listed.sort()).toEqual(data.searches.map(({ study, iterations }) => [study, iterations]).sort());
  for (const { study, iterations } of data.searches) {
    expect(historySummary(studyHistory(store, store.study(study)!))).toContain(`after ${iterations} iteration`);
  }
  end();
});

it('says beforehand how many runs a comparison trains at most, validating ones included', async () => {
  const decision = { rule: 'nonInferiority', maxRuns: 6, margin: 0.0001 };
  const { config, jobs, end } = await compared({ guideline: 'anytime', decision });
  const { runs, atMostRuns, searches } = dryRunData(config);
  expect(atMostRuns).toBeGreaterThan(runs.length + searches.length * (4 + 2));
  expect(jobs.started.length).toBeLessThanOrEqual(atMostRuns);
  end();
});

it('names the study that decides, and says once why it ends', async () => {
  const { lines, data, end } = await compared();
  for (const { study } of data.searches) {
    const last = lines.findLast((line) => line.startsWith(`  ${study} \u2192`)) ?? '';
    expect(last).toContain('the study ends');
    expect(lines).toContain(`${study}: noLoss.`);
  }
  end();
});

it('counts no baseline run that is stored among those that a study will train', async () => {
  const { config, value, end } = await compared();
  const text = (storedBaseline: number) => composedStudyText(composeStudy(config, value, { storedBaseline }), options);
  const { seeds } = config.baseline;
  expect(text(0)).toContain(`expected   ${seeds} baseline run`);
  expect(text(seeds)).toContain('expected   the baseline is stored already, then');
  end();
});
