import type { RunRecord } from '../../db/index.ts';
import { readableConfig } from '../config/stored.ts';
import { taskOf } from '../config/training-task.ts';
import { settingKey } from '../domain/setting-key.ts';
import type { OpenStudy } from '../engine/plans/plan.ts';
import { sameProgram } from '../engine/study/study-program.ts';
import { type CellRun, compareSection, comparisonCells, searchName } from './cells.ts';

/** A run that is the very training a cell asks for; a run of another study but for the seed, and each is used once. */
export function reusableRun(open: OpenStudy, cell: CellRun): RunRecord | null {
  const { store, config } = open;
  const own = open.study.id;
  const { policy, request, seed } = cell;
  if (policy === 'guideline' || policy === 'confirmed') {
    // The default may be what was found; with the same seed that is the same training.
    const other = store.runByKey(own, `greScale-k${request.workers}-${request.repeat}`);
    const same =
      other?.seed === seed && settingKey(other.setting, config.epochs) === settingKey(request.setting, config.epochs);
    return same && other.state === 'finished' && other.origin === 'trained' ? other : null;
  }
  if (policy !== 'baseline' && policy !== 'greScale') return null;
  // Settings were confirmed against the baseline runs that there are; what is trained anew is held against fresh ones.
  if (policy === 'baseline' && compareSection(config).policies.includes('confirmed')) return null;
  const task = taskOf(config);
  const used = new Set(store.eventsOf(own, { types: ['cell.reused'] }).map(({ event }) => event.from));
  // What the comparison's own studies tried was chosen by its result.
  const searches = comparisonCells(config).searches.map((workers) => searchName(config, workers));
  for (const study of store.studies()) {
    const stored = searches.includes(study.name) ? null : readableConfig(study);
    if (stored === null || taskOf(stored) !== task || !sameProgram(open, study.id)) continue;
    // Cells are compared on the test part, a study may have chosen on another.
    const onTest = (run: RunRecord) => store.evaluationsOf(run.id).every(({ split }) => split === 'test');
    const found = store
      .runsOf(study.id)
      .find((run) => fits(run, request, config.epochs) && !used.has(run.id) && onTest(run));
    if (found) return found;
  }
  return null;
}

/** Validations are left out: a setting is validated because its first run was good, so the two are not one sample. */
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
