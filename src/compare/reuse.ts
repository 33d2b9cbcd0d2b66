import type { RunRecord } from '../../db/index.ts';
import { readableConfig } from '../config/stored.ts';
import { taskOf } from '../config/training-task.ts';
import { settingKey } from '../domain/setting-key.ts';
import type { OpenStudy } from '../engine/plans/plan.ts';
import { sameProgram } from '../engine/study/study-program.ts';
import { type CellRun, compareSection, comparisonCells, searchName } from './cells.ts';

/**
 * A stored run that can stand in for a cell: one of this comparison with the same seed, or one of another study with
 * any seed, which is used only once.
 */
export function reusableRun(open: OpenStudy, cell: CellRun): RunRecord | null {
  const { store, config } = open;
  const own = open.study.id;
  const { policy, request, seed } = cell;
  if (policy === 'guideline' || policy === 'confirmed') {
    // The setting found may be the default one; with the same seed it is the same training.
    const other = store.runByKey(own, `greScale-k${request.workers}-${request.repeat}`);
    const same =
      other?.seed === seed && settingKey(other.setting, config.epochs) === settingKey(request.setting, config.epochs);
    return same && other.state === 'finished' && other.origin === 'trained' ? other : null;
  }
  if (policy !== 'baseline' && policy !== 'greScale') return null;
  // The settings were confirmed against existing baseline runs, so they are compared with fresh ones here.
  if (policy === 'baseline' && compareSection(config).policies.includes('confirmed')) return null;
  const task = taskOf(config);
  const used = new Set(store.eventsOf(own, { types: ['cell.reused'] }).map(({ event }) => event.from));
  // Settings in the comparison's own searches were chosen by their results, so their runs are no fair sample.
  const searches = comparisonCells(config).searches.map((workers) => searchName(config, workers));
  for (const study of store.studies()) {
    const stored = searches.includes(study.name) ? null : readableConfig(study);
    if (stored === null || taskOf(stored) !== task || !sameProgram(open, study.id)) continue;
    // Cells are compared on the test part; a study may have evaluated another one to choose settings.
    const onTest = (run: RunRecord) => store.evaluationsOf(run.id).every(({ split }) => split === 'test');
    const found = store
      .runsOf(study.id)
      .find((run) => fits(run, request, config.epochs) && !used.has(run.id) && onTest(run));
    if (found) return found;
  }
  return null;
}

/** Excludes validating runs: a setting is validated because its first run was good, so the two are not one sample. */
function fits(run: RunRecord, request: CellRun['request'], epochs: number): boolean {
  const { workers, kind } = request;
  const first = kind === 'baseline' ? run.kind === 'baseline' : run.kind === 'iteration' && run.iteration === 0;
  return (
    first &&
    run.state === 'finished' &&
    run.origin === 'trained' &&
    run.metrics !== null &&
    run.workers === workers &&
    settingKey(run.setting, epochs) === settingKey(request.setting, epochs)
  );
}
