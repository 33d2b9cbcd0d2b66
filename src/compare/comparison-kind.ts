import { type ComparePolicy, comparePolicies } from '../config/sections/compare.ts';
import type { OnProgress, ProgressEvent } from '../domain/progress.ts';
import type { PlanKind } from '../engine/plans/plan.ts';
import { compareSection, comparisonCells, searchName } from './cells.ts';
import { type ComparisonPlan, comparisonPlan, type Standing } from './comparison-plan.ts';
import type { ComparisonEvent, OnComparison } from './progress.ts';

/** Fields that may change between sessions; the search, LARS's rate and the task define what existing cells mean. */
const growing = ['compare.workers', 'compare.policies', 'compare.seeds', 'compare.budget'];

/** The plan kind of a comparison of policies, and a callback that turns its progress into comparison events. */
export function comparisonKind(tell: OnComparison, now: () => number): { kind: PlanKind; say: OnProgress } {
  let plan: ComparisonPlan | null = null;
  const standing = (): Standing => plan?.standing() ?? { done: 0, runs: 0, left: 0 };
  const progress = () => ({ done: standing().done, runs: standing().runs });
  const startedMs = now();
  let ended = 0;
  const begun = new Set<string>();

  function told(event: ProgressEvent): ComparisonEvent | null {
    switch (event.type) {
      case 'study.started': {
        const { study: comparison, simulated, resumed } = event;
        return { type: 'comparison.started', comparison, ...progress(), simulated, resumed };
      }
      case 'run.started': {
        const { key, workers, repeat } = event.request;
        if (!begun.has(key)) tell({ type: 'cell.started', key, policy: policyOf(key), workers, repeat });
        begun.add(key);
        return { type: 'inner', event };
      }
      case 'run.ended': {
        const { key, state, metrics, reason } = event;
        if (state !== 'stopped') ended += 1;
        const { runs, done, left } = standing();
        const secondsLeft = ended === 0 ? null : (left * (now() - startedMs)) / ended / 1000;
        return { type: 'cell.ended', key, state, metrics, reason, done, runs, secondsLeft };
      }
      case 'run.reused':
        return { type: 'cell.reused', key: event.key, ...cellOf(event.key), from: event.from, ...progress() };
      case 'study.ended':
        return { type: 'comparison.ended', comparison: event.study, state: event.outcome, reason: event.reason };
      case 'study.stopped':
        return { type: 'comparison.ended', comparison: event.study, state: 'stopped', reason: event.reason };
      case 'warning':
        return event.key === null ? { type: 'warning', message: event.message } : { type: 'inner', event };
      case 'estimate':
        return null;
      case 'epoch':
      case 'sample':
      case 'run.retried':
      case 'decision':
      case 'waiting':
      case 'metrics.known':
      case 'trainings.known':
        return { type: 'inner', event };
    }
  }

  const saySearch =
    (workers: number, study: string): OnProgress =>
    (event) => {
      if (event.type === 'study.started') tell({ type: 'search.started', study: event.study, workers });
      if (event.type === 'run.ended') ended += 1;
      tell({ type: 'inner', event, study });
      if (event.type === 'study.ended') {
        const { outcome, reason, unverified } = event;
        tell({ type: 'search.ended', study, workers, outcome, reason, unverified });
      }
    };

  const kind: PlanKind = {
    kind: 'comparison',
    words: {
      noun: 'comparison',
      code: 'compare',
      differs:
        'Its runs cannot be compared with new ones. Put these values back, or give the study in the file another name.',
    },
    describe(config) {
      const { name, workers } = comparisonCells(config);
      return { name, workers: Math.max(...workers), guidelineHash: null };
    },
    allows({ field, allowed }) {
      const compared = field === 'compare' || field.startsWith('compare.');
      const grows = field === 'compare' || growing.some((name) => field === name || field.startsWith(`${name}.`));
      return compared ? grows : allowed || field === 'workers';
    },
    budget(config) {
      const { runs, hours } = compareSection(config).budget;
      const { name, searches } = comparisonCells(config);
      const studies = [name, ...searches.map((workers) => searchName(config, workers))];
      return { limits: { runs, trainingHours: hours }, studies };
    },
    open(session) {
      plan = comparisonPlan(session, (workers) => saySearch(workers, searchName(session.config, workers)));
      return plan;
    },
  };
  return {
    kind,
    say(event) {
      const one = told(event);
      if (one !== null) tell(one);
    },
  };
}

/** `gradualWarmup-k12-3` is the third run of `gradualWarmup` on 12 workers, `baseline-2` the second on one. */
function cellOf(key: string): { policy: ComparePolicy | 'baseline'; workers: number; repeat: number } {
  const [, workers = '1', repeat = '1'] = /(?:-k(\d+))?-(\d+)$/.exec(key) ?? [];
  return { policy: policyOf(key), workers: Number(workers), repeat: Number(repeat) };
}

/** `gradualWarmup-k12-3` belongs to `gradualWarmup`. */
function policyOf(key: string): ComparePolicy | 'baseline' {
  return comparePolicies.find((policy) => key.startsWith(`${policy}-`)) ?? 'baseline';
}
