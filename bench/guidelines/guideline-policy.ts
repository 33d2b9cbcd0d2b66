import { advance, bestIteration, guidelineHash, outcome, pendingRuns, start } from '../../machines/guideline/index.ts';
import type { Guideline } from '../../src/domain/guideline.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { ended, ledger, type Policy, ruleOf } from './played-study.ts';
import type { Table, Uniform } from './table.ts';

/** The setting that a study starts from. */
type StartOf = (table: Table, uniform: Uniform) => Setting;

/** The usual start: the baseline's setting, which the schedule scales to the workers. */
const asBaseline: StartOf = ({ task }) => task.baseline;

/** Any recorded setting, with its own optimizer, rate and epochs, as where a study continues from an earlier one. */
export const anyRecorded: StartOf = ({ points }, uniform) => points[Math.floor(uniform() * points.length)]!.setting;

/** The policy of a guideline, played by the project's own flowchart, one run after the other. */
export function guidelinePolicy(guideline: Guideline, startOf: StartOf = asBaseline): Policy {
  const hash = guidelineHash(guideline);
  return (table, terms, uniform) => {
    const { task, workers } = table;
    const spent = ledger(table);
    let state = start({
      guideline,
      guidelineHash: hash,
      rule: ruleOf(table, terms),
      workers,
      epochs: task.epochs,
      baseline: { runs: terms.baselineRuns, setting: task.baseline },
      setting: startOf(table, uniform),
      budget: { iterations: terms.iterations },
      capabilities: { optimizers: table.optimizers },
    });
    for (let [run] = pendingRuns(state); run !== undefined; [run] = pendingRuns(state)) {
      const { key, kind, setting } = run;
      const drawn = kind === 'baseline' ? table.drawBaseline(uniform) : table.draw(setting, uniform);
      const { metric, confirming } = drawn;
      spent.add(setting, 'part' in drawn ? drawn.part : 1);
      state = advance(
        state,
        metric === null
          ? { type: 'run.diverged', key, reason: 'as recorded', metrics: null }
          : {
              type: 'run.finished',
              key,
              metrics: { [task.metric]: metric },
              // The runs by which settings are chosen are not evaluated on the part that confirms.
              ...(confirming === undefined || kind === 'iteration'
                ? {}
                : { split: 'validation', confirming: { split: 'test', metrics: { [task.metric]: confirming } } }),
            },
      );
    }
    const end = outcome(state)?.outcome ?? 'failed';
    const setting = end === 'noLoss' ? (bestIteration(state)?.setting ?? null) : null;
    return ended(table, { outcome: end, setting }, spent.totals());
  };
}
