// Hits a study at random moments, twenty times with each fault (or as often, and with those faults, as asked:
// `npx tsx test/faults/random-faults.ts 5 'rank killed'`), and compares what comes out with the undisturbed study: same
// weights, no run lost, none trained twice.
import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { faults, type StudyReport, studyWithFault, writeStudy } from '../support/faulty-study.ts';

const [howOften = '20', ...asked] = process.argv.slice(2);
const times = Number(howOften);
const wanted = faults.filter((kind) => asked.length === 0 || asked.includes(kind));
const launcher = { kind: 'mpi', heartbeatSeconds: 3 };

const calmProject = writeStudy(launcher);
const calm = await studyWithFault(calmProject, null);
console.log(JSON.stringify({ undisturbed: calm.weights, exitCode: calm.exitCode, seconds: round(calm.seconds) }));
if (calm.finished !== 1) throw new Error(`the undisturbed study failed: ${calm.output}`);

for (const kind of wanted) {
  const reports: (StudyReport & { good: boolean })[] = [];
  for (let time = 0; time < times; time++) {
    const project = writeStudy(launcher);
    const afterMs = Math.random() * calm.seconds * 700;
    try {
      const report = await studyWithFault(project, { kind, afterMs });
      const same = isDeepStrictEqual(report.weights, calm.weights);
      const good = same && report.exitCode === calm.exitCode && report.finished === calm.finished;
      reports.push({ ...report, good });
      if (good) rmSync(project, { recursive: true, force: true });
      else console.log(JSON.stringify({ kind, afterMs, project, ...report }));
    } catch (thrown) {
      // The moment came after the end: another one.
      time -= 1;
      if (!(thrown instanceof Error && thrown.message.includes('over before'))) throw thrown;
    }
  }
  const extra = reports.map(({ seconds }) => seconds - calm.seconds).sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      fault: kind,
      studies: reports.length,
      sameWeightsNothingLostNothingRepeated: reports.filter(({ good }) => good).length,
      restarted: reports.filter(({ attempts }) => attempts > calm.attempts).length,
      ...spread(
        'noticedSeconds',
        reports.map(({ noticedSeconds }) => noticedSeconds),
      ),
      ...spread(
        'restartedSeconds',
        reports.map(({ restartedSeconds }) => restartedSeconds),
      ),
      extraSecondsMedian: round(extra[extra.length >> 1] ?? 0),
      extraSecondsMost: round(extra.at(-1) ?? 0),
    }),
  );
}

function spread(name: string, values: readonly (number | null)[]): Record<string, number> {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return {};
  return { [`${name}Median`]: round(known[known.length >> 1]!), [`${name}Most`]: round(known.at(-1)!) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
