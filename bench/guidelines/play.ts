import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolveGuideline, shippedGuidelines } from '../../machines/guideline/index.ts';
import { Refusal } from '../support/refusal.ts';
import { anyRecorded, guidelinePolicy } from './guideline-policy.ts';
import { type Optuna, openOptuna } from './optuna-proposer.ts';
import type { Policy, StudyTerms } from './played-study.ts';
import { randomSearch } from './proposals-policy.ts';
import { readRecordedRuns } from './recorded-run.ts';
import { type Results, resultsSchema, resultsText } from './results.ts';
import { playStudies, summarize } from './summary.ts';
import { type Table, tableOf } from './table.ts';
import type { BenchTask } from './tasks.ts';

export interface PlayOptions {
  /** The file of recorded runs. */
  runs: string;
  /** File of the results; those of other policies in it are kept. */
  results: string;
  tasks: readonly BenchTask[];
  /** Names of policies; left out: all. */
  policies?: readonly string[] | undefined;
  /** Studies a policy plays per task; Optuna's slower samplers play fewer. */
  studies: number;
  terms: StudyTerms;
  /** A Python with optuna; left out: Optuna does not play. */
  python?: string | undefined;
}

interface Player {
  name: string;
  policy: Policy;
  /** Share of the studies that it plays. */
  part: number;
}

/** Lets every policy play every task's table and one in which nothing is without loss; prints and stores results. */
export async function play({
  runs: file,
  results,
  tasks,
  policies,
  studies,
  terms,
  python,
}: PlayOptions): Promise<void> {
  const optuna = python === undefined ? null : await openOptuna(python);
  const players = chosen(playersOf(optuna), policies);
  const runs = readRecordedRuns(file);
  let known = readResults(results);
  try {
    for (const task of tasks) {
      for (const workers of task.workers) {
        const table = tableOf(task, { runs, workers });
        known = { ...known, tables: [...known.tables.filter(({ name }) => name !== nameOf(table)), describe(table)] };
        for (const { name, policy, part } of players) {
          const count = Math.max(10, Math.round(studies * part));
          const truth = summarize({ policy: name, table }, await playStudies({ policy, table, terms, studies: count }));
          const worst = hopeless(table, runs);
          // Shows what is wrongly confirmed in a table where every setting loses the margin or more.
          const spoiled = part < 1 ? null : await playStudies({ policy, table: worst, terms, studies: count });
          const cell = {
            ...truth,
            terms,
            wrongWhereNothingHolds: spoiled && summarize({ policy: name, table: worst }, spoiled).wrong,
          };
          const same = (other: Results['cells'][number]) =>
            other.policy === name &&
            other.task === task.name &&
            other.workers === workers &&
            other.terms.baselineRuns === terms.baselineRuns;
          known = {
            ...known,
            ...(optuna && { optuna: optuna.version }),
            cells: [...known.cells.filter((other) => !same(other)), cell],
          };
          writeFileSync(results, `${JSON.stringify(known, null, 1)}\n`);
          console.log(
            `${nameOf(table)}: ${name}: noLoss ${truth.noLoss.share}, cost an answer ${truth.costPerAnswer ?? 'none'}`,
          );
        }
      }
    }
  } finally {
    optuna?.close();
  }
  const text = resultsText(known);
  const table = results.replace(/\.json$/, '.txt');
  writeFileSync(table, `${text}\n`);
  console.log(`\n${text}\nWritten to ${results} and ${table}.`);
}

/** The players with these names, or all if no names are given. Throws on an unknown name. */
export function chosen<T extends { name: string }>(players: readonly T[], names: readonly string[] | undefined): T[] {
  const unknown = names?.find((wanted) => !players.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    const known = players.map(({ name }) => name).join(', ');
    throw new Refusal(`There is no policy "${unknown}". Policies: ${known}. Optuna's need AUTOPILOT_BENCH_PYTHON.`);
  }
  return players.filter(({ name }) => names === undefined || names.includes(name));
}

/** The shipped guidelines. */
export function guidelinePlayers(): { name: string; policy: Policy }[] {
  return Object.entries(shippedGuidelines).map(([name, guideline]) => ({ name, policy: guidelinePolicy(guideline) }));
}

function playersOf(optuna: Optuna | null): Player[] {
  const guidelines = guidelinePlayers().map((player) => ({ ...player, part: 1 }));
  const searches = optuna
    ? [
        { name: 'optuna TPE', policy: optuna.policy('tpe', 'none'), part: 0.25 },
        { name: 'optuna TPE + median pruner', policy: optuna.policy('tpe', 'median'), part: 0.25 },
        { name: 'optuna TPE + Hyperband', policy: optuna.policy('tpe', 'hyperband'), part: 0.25 },
        { name: 'optuna GP', policy: optuna.policy('gp', 'none'), part: 0.05 },
      ]
    : [];
  const elsewhere = {
    name: 'anytime from any start',
    policy: guidelinePolicy(resolveGuideline('anytime'), anyRecorded),
    part: 1,
  };
  return [...guidelines, elsewhere, { name: 'random', policy: randomSearch, part: 1 }, ...searches];
}

/** The same table with every distributed run so much worse that its best setting loses just over the margin. */
function hopeless(table: Table, runs: Parameters<typeof tableOf>[1]['runs']): Table {
  const { task, workers, baseline } = table;
  const means = table.points.filter(({ setting }) => table.isNoLoss(setting)).map(({ mean }) => mean);
  return tableOf(task, { runs, workers, shift: Math.min(0, baseline.mean - task.margin - Math.max(...means) - 1e-9) });
}

function describe(table: Table): Results['tables'][number] {
  const { task, points, baseline } = table;
  return {
    name: nameOf(table),
    part: task.part,
    settings: points.length,
    runs: points.reduce((sum, point) => sum + point.runs.length, baseline.residuals.length),
    baseline: Number(baseline.mean.toFixed(4)),
    withoutLoss: points.filter(({ setting }) => table.isNoLoss(setting)).length,
  };
}

const nameOf = ({ task, workers }: Pick<Table, 'task' | 'workers'>) => `${task.name}, ${workers} workers`;

function readResults(file: string): Results {
  return existsSync(file) ? resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : { tables: [], cells: [] };
}
