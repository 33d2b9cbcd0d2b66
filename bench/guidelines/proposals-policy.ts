import { alphaSpentBy, ruleFrom, tailLoss } from '../../machines/decision/index.ts';
import type { Setting } from '../../src/domain/setting.ts';
import { ended, ledger, type Policy, ruleOf } from './played-study.ts';
import { anySetting, type SearchSpace, spaceOf } from './search-space.ts';
import type { PlayedRun, Table, Uniform } from './table.ts';

/** Proposes the next setting to train, and is told the results. */
export interface Proposer {
  propose(): Promise<Setting> | Setting;
  /** After each trained setting, before its validation: the tenth of its epochs at which to stop it early, or null. */
  trained(run: PlayedRun): Promise<number | null> | number | null;
  /** Gets the mean of all runs of a setting that was validated but not confirmed. */
  validated?(mean: number): Promise<void> | void;
  /** Called when the study is over. */
  end?(): Promise<void> | void;
}

/** A policy that screens and validates proposed settings by the same rule as a guideline's, within the same budget. */
export function proposalsPolicy(
  proposerOf: (space: SearchSpace, table: Table, uniform: Uniform) => Proposer | Promise<Proposer>,
): Policy {
  return async (table, terms, uniform) => {
    const { metric } = table.task;
    const config = ruleOf(table, terms);
    const rule = ruleFrom(config);
    const spent = ledger(table);
    const ofOneWorker = Array.from({ length: terms.baselineRuns }, () => {
      spent.add(table.task.baseline);
      return table.drawBaseline(uniform);
    });
    const baseline = ofOneWorker.map((run) => ({ [metric]: run.metric }));
    const confirmingBaseline = ofOneWorker.map((run) => ({ [metric]: run.confirming ?? run.metric }));
    const proposer = await proposerOf(spaceOf(table), table, uniform);
    const measured = (run: PlayedRun) => (run.metric === null ? null : { [metric]: run.metric });
    const confirmed = (run: PlayedRun) => (run.metric === null ? null : { [metric]: run.confirming ?? run.metric });
    let candidate = 0;
    let unspent = 1;
    const validated: number[][] = [];
    let iterations = 0;
    try {
      while (iterations < terms.iterations) {
        iterations++;
        const setting = await proposer.propose();
        const run = table.draw(setting, uniform);
        const stoppedAt = await proposer.trained(run);
        spent.add(setting, stoppedAt === null ? run.part : stoppedAt / 10);
        if (stoppedAt !== null) continue;
        if (rule.screen(measured(run), { baseline, candidate: candidate + 1, unspent }).verdict === 'missed') continue;
        if (iterations >= terms.iterations) break;
        candidate++;
        iterations++;
        const validation: PlayedRun[] = [];
        let judged: ReturnType<typeof rule.validate>;
        do {
          const repeat = table.draw(setting, uniform);
          validation.push(repeat);
          spent.add(setting, repeat.part);
          judged = rule.validate(validation.map(confirmed), {
            ...{ baseline: confirmingBaseline, candidate, unspent },
            tailLoss: tailLoss(valuesOf(validation), validated),
          });
          if (judged.verdict === 'confirmed') return ended(table, { outcome: 'noLoss', setting }, spent.totals());
        } while (judged.verdict === 'undecided');
        unspent -= alphaSpentBy(judged) / config.alpha;
        validated.push(valuesOf(validation));
        const values = [run, ...validation].map((each) => each.metric ?? 0);
        await proposer.validated?.(values.reduce((sum, value) => sum + value, 0) / values.length);
      }
    } finally {
      await proposer.end?.();
    }
    return ended(table, { outcome: 'budgetSpent', setting: null }, spent.totals());
  };
}

/** Of the runs that finished, on the part that confirms. */
function valuesOf(runs: readonly PlayedRun[]): number[] {
  return runs.flatMap(({ metric, confirming = metric }) => confirming ?? []);
}

/** Random search. */
export const randomSearch: Policy = proposalsPolicy((space, _table, uniform) => ({
  propose: () => anySetting(space, uniform),
  trained: () => null,
}));
