/**
 * How often, and at what cost, do guidelines and searches find a setting without loss?
 *
 *     npm run bench -- guidelines record [--tasks A,B]     trains what is not recorded yet (hours), resumable
 *     npm run bench -- guidelines again [N]                trains N recorded runs again and compares
 *     npm run bench -- guidelines curves                   asks whether a curve shows which way the rate should go
 *     npm run bench -- guidelines play [--policies A,B]    lets policies play against the recorded runs
 *     npm run bench -- guidelines invented [--studies N]   lets them play synthetic tasks, to design policies on
 *     npm run bench -- guidelines live [--seeds 1,2,3]     trains whole studies of the example (minutes each)
 *
 * `AUTOPILOT_BENCH_PYTHON` names a Python with optuna; without it, Optuna does not play.
 */
import { parseArgs } from 'node:util';
import { initDefaults } from '../src/cli/init/config.ts';
import { curves } from './guidelines/curves.ts';
import { playInvented } from './guidelines/invented.ts';
import { live } from './guidelines/live.ts';
import { play } from './guidelines/play.ts';
import { record, recordAgain } from './guidelines/record.ts';
import { benchTasks, taskNamed } from './guidelines/tasks.ts';
import { countOf, numberFrom } from './support/counts.ts';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: 'bench/results/guidelines-runs.ndjson' },
    results: { type: 'string', default: 'bench/results/guidelines.json' },
    tasks: { type: 'string', default: benchTasks.map(({ name }) => name).join(',') },
    policies: { type: 'string' },
    study: { type: 'string', default: 'examples/cerebellum' },
    seeds: { type: 'string', default: '1,2,3,4,5' },
    'live-results': { type: 'string', default: 'bench/results/guidelines-live.ndjson' },
    studies: { type: 'string', default: '1000' },
    'baseline-runs': { type: 'string', default: '8' },
    'max-runs': { type: 'string', default: '12' },
    iterations: { type: 'string', default: String(initDefaults.iterations) },
  },
});
const [command, argument] = positionals;
const tasks = flags.tasks.split(',').map(taskNamed);
const policies = flags.policies?.split(',');
const terms = {
  baselineRuns: countFor('baseline-runs'),
  maxRuns: countFor('max-runs'),
  iterations: countFor('iterations'),
};
switch (command) {
  case 'record':
    await record(flags.runs, tasks);
    break;
  case 'again':
    process.exitCode = (await recordAgain(flags.runs, argument === undefined ? 5 : countOf('again', argument))) ? 0 : 1;
    break;
  case 'curves':
    curves(flags.runs);
    break;
  case 'play':
    await play({
      runs: flags.runs,
      results: flags.results,
      tasks,
      policies,
      studies: countFor('studies'),
      terms,
      python: process.env.AUTOPILOT_BENCH_PYTHON || undefined,
    });
    break;
  case 'invented':
    await playInvented({ studies: countFor('studies'), policies, terms });
    break;
  case 'live':
    live({
      study: flags.study,
      seeds: flags.seeds.split(',').map((seed) => numberFrom(0, '--seeds', seed)),
      results: flags['live-results'],
    });
    break;
  default:
    console.error(
      `${command ? `There is no "${command}". ` : ''}Say what to do: record, again, curves, play, invented or live.`,
    );
    process.exitCode = 2;
}

function countFor(flag: 'studies' | 'baseline-runs' | 'max-runs' | 'iterations'): number {
  return countOf(`--${flag}`, flags[flag]);
}
