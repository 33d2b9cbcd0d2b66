import { type RecordedRun, readRecordedRuns, settingKey } from './recorded-run.ts';
import { taskNamed } from './tasks.ts';

/** A curve counts as unsteady if its metric falls by more than this before the decay. */
const thresholds = [0.01, 0.02, 0.03, 0.05, 0.1];
/** Tenths of the epochs before the decay. */
const beforeDecay = 6;
/** Neighbouring rates differ by at most this factor. */
const nearRate = 3;

interface Choice {
  setting: string;
  /** The largest fall of the metric before the decay, from its best value until then. */
  fall: number;
  /** Gain of the next smaller and of the next larger recorded rate. */
  down: number;
  up: number;
}

/** Prints whether, in the recorded runs, a run's curve shows which way the rate should go. */
export function curves(file: string): void {
  // In the others, curve and metric are of different parts.
  const choices = choicesIn(readRecordedRuns(file).filter(({ validation }) => validation === undefined));
  const settings = new Set(choices.map(({ setting }) => setting)).size;
  console.log(
    `${choices.length} runs of ${settings} settings that lose more than the margin, with a smaller and a larger rate recorded`,
  );
  const told = (name: string, goesDown: (choice: Choice) => boolean) => {
    const right = choices.filter((choice) => goesDown(choice) === choice.down > choice.up).length;
    const gain = choices.reduce((sum, choice) => sum + (goesDown(choice) ? choice.down : choice.up), 0);
    console.log(
      `${name.padEnd(40)} right in ${Math.round((100 * right) / choices.length)} %, mean gain ${(gain / choices.length).toFixed(3)}`,
    );
  };
  told('always up first', () => false);
  told('always down first', () => true);
  for (const most of thresholds) told(`down where the metric fell by > ${most}, else up`, ({ fall }) => fall > most);
}

function choicesIn(runs: readonly RecordedRun[]): Choice[] {
  const groups = new Map<string, RecordedRun[]>();
  for (const run of runs.filter(({ workers }) => workers > 1)) {
    groups.set(settingKey(run), [...(groups.get(settingKey(run)) ?? []), run]);
  }
  const points = [...groups].map(([setting, own]) => ({ setting, runs: own, mean: meanOf(own) }));
  return points.flatMap((point) => {
    const [first] = point.runs as [RecordedRun];
    const baseline = meanOf(runs.filter(({ task, workers }) => task === first.task && workers === 1));
    if (point.mean >= baseline - taskNamed(first.task).margin) return [];
    const others = points
      .filter(({ runs: [other] }) => sameBut(first, other!))
      .map(({ runs: [other], mean }) => ({ lr: other!.initialLr, mean }));
    const near = others.filter(({ lr }) => lr <= nearRate * first.initialLr && lr >= first.initialLr / nearRate);
    const down = near.filter(({ lr }) => lr < first.initialLr).sort((a, b) => b.lr - a.lr)[0];
    const up = near.filter(({ lr }) => lr > first.initialLr).sort((a, b) => a.lr - b.lr)[0];
    if (down === undefined || up === undefined) return [];
    return point.runs
      .filter(({ curve }) => curve.length === 10)
      .map(({ curve }) => ({
        setting: point.setting,
        fall: largestFall(curve.slice(0, beforeDecay)),
        down: down.mean - point.mean,
        up: up.mean - point.mean,
      }));
  });
}

/** Whether two runs' settings differ only in the rate. */
function sameBut(one: RecordedRun, other: RecordedRun): boolean {
  return one.initialLr !== other.initialLr && settingKey({ ...one, initialLr: other.initialLr }) === settingKey(other);
}

/** A diverged run counts as 0. */
function meanOf(runs: readonly RecordedRun[]): number {
  return runs.reduce((sum, { metric }) => sum + (metric ?? 0), 0) / runs.length;
}

function largestFall(values: readonly number[]): number {
  return Math.max(...values.map((value, index) => Math.max(...values.slice(0, index + 1)) - value));
}
