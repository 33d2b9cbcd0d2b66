import { appendFileSync } from 'node:fs';
import { openCompute } from '../../src/trainer/compute/open-compute.ts';
import { type RecordedRun, readRecordedRuns, runKey } from './recorded-run.ts';
import { runsToRecord } from './runs-to-record.ts';
import type { BenchTask } from './tasks.ts';
import { trainRun } from './train-run.ts';

/** Trains the runs that the file lacks, one after the other, and appends each as soon as it ends. */
export async function record(file: string, tasks: readonly BenchTask[]): Promise<void> {
  const recorded = new Set(readRecordedRuns(file).map(runKey));
  const left = runsToRecord(tasks).filter((run) => !recorded.has(runKey(run)));
  console.log(`${recorded.size} runs are recorded in ${file}; ${left.length} are left.`);
  await openBackend();
  for (const [index, run] of left.entries()) {
    const result = await trainRun(run);
    appendFileSync(file, `${JSON.stringify(result)}\n`);
    console.log(`${index + 1} of ${left.length}: ${runKey(run)}: ${resultText(result)}, ${result.cpuSeconds} s`);
  }
}

/** Trains some of the recorded runs again and compares. False if any result, rounded as recorded, differs. */
export async function recordAgain(file: string, howMany: number): Promise<boolean> {
  const runs = readRecordedRuns(file);
  const every = Math.max(1, Math.floor(runs.length / howMany));
  await openBackend();
  let agree = true;
  for (const run of runs.filter((_, index) => index % every === 0).slice(0, howMany)) {
    const { state: _state, metric: _metric, validation, cpuSeconds: _cpu, curve: _curve, ...again } = run;
    const result = await trainRun(again);
    const same = result.state === run.state && result.metric === run.metric && result.validation === validation;
    agree &&= same;
    console.log(`${runKey(run)}: ${resultText(run)}, again ${resultText(result)}: ${same ? 'the same' : 'DIFFERENT'}`);
  }
  return agree;
}

const openBackend = () => openCompute({ backend: 'native', threads: 1 });

function resultText({ metric }: RecordedRun): string {
  return metric === null ? 'diverged' : metric.toFixed(5);
}
