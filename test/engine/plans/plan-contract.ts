import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../db/index.ts';
import type { Plan, PlanKind, Session } from '../../../src/engine/plans/plan.ts';
import { storedRun } from '../../../src/engine/run/stored-run.ts';
import { openStudy } from '../../../src/engine/study/open-study.ts';
import { stopSwitch } from '../../../src/engine/study/stop-switch.ts';
import { studyControl } from '../../../src/engine/study/study-control.ts';
import { exampleConfig } from '../example-study.ts';
import { simulatedJobs } from '../simulated-jobs.ts';

/** What the engine relies on, whatever a plan is to find out. `changes` are fields of study.yaml with which it ends. */
export function planContract(name: string, kind: () => PlanKind, changes: Record<string, unknown>): void {
  describe(`the plan of a ${name}`, () => {
    const stores: Store[] = [];
    afterEach(() => {
      for (const store of stores.splice(0)) store.close();
    });

    function opened(store = openStore({ path: ':memory:' })): { session: Session; plan: Plan; again: () => Plan } {
      if (!stores.includes(store)) stores.push(store);
      const config = exampleConfig(changes);
      const now = Date.now;
      const study = openStudy({ store, config, directory: '/project', kind: kind(), now });
      const stops = stopSwitch(undefined);
      const session: Session = {
        ...{ store, study, config, now, stops, project: '/project', concurrentRuns: 1, fresh: false },
        launcher: simulatedJobs().launcher(),
        say: () => {},
        retryDelayMs: () => 0,
        control: studyControl({ store, studyId: study.id, after: 0, signal: stops.signal }),
        open: () => {
          throw new Error('no study within this one is expected');
        },
      };
      return { session, plan: kind().open(session), again: () => kind().open(session) };
    }

    const wanted = (plan: Plan) => [...plan.pending()].map(({ request }) => request.key);

    /** As the engine does with a run that has finished. */
    function finish(session: Session, plan: Plan, alongside = () => {}): string {
      const [first] = plan.pending();
      if (first === undefined) throw new Error('the plan wants no run');
      const metrics = { dice: 0.85, meanAccuracy: 0.9, meanIoU: 0.8 };
      const run = storedRun(session, first);
      plan.record({ type: 'run.finished', key: run.key, metrics }, () => {
        session.store.markRunEnded(run.id, { state: 'finished', reason: null, metrics, timeMs: session.now() });
        alongside();
      });
      return run.key;
    }

    it('wants the same runs until a result is recorded, each with its reason', () => {
      const { session, plan } = opened();
      const before = wanted(plan);
      expect(wanted(plan)).toEqual(before);
      for (const { why } of plan.pending()) expect(why).not.toBe('');
      const key = finish(session, plan);
      expect(wanted(plan)).not.toContain(key);
    });

    it('wants the same from the store alone, at every step to its outcome', () => {
      const { session, plan, again } = opened();
      for (let steps = 0; plan.outcome() === null && steps < 50; steps += 1) {
        expect(wanted(again())).toEqual(wanted(plan));
        finish(session, plan);
      }
      expect(plan.outcome()).not.toBeNull();
      expect(again().outcome()).toEqual(plan.outcome());
      expect(wanted(plan)).toEqual([]);
    });

    it('records nothing when what goes alongside fails', () => {
      const { session, plan, again } = opened();
      const before = wanted(plan);
      const dies = () => {
        throw new Error('the disk is full');
      };
      expect(() => finish(session, plan, dies)).toThrow('the disk is full');
      expect(wanted(plan)).toEqual(before);
      expect(wanted(again())).toEqual(before);
    });

    it.each([
      ['budget.spent', 'budgetSpent'],
      ['study.cancelled', 'cancelled'],
    ] as const)('ends at once with %s, and wants nothing more', (type, outcome) => {
      const { plan } = opened();
      plan.record({ type, reason: 'enough' });
      expect(plan.outcome()).toMatchObject({ outcome, reason: expect.stringContaining('enough') });
      expect(wanted(plan)).toEqual([]);
    });

    it('ends at once when a run cannot be trained', () => {
      const { plan } = opened();
      const [key = ''] = wanted(plan);
      plan.record({ type: 'run.failed', key, reason: 'no such file' });
      expect(plan.outcome()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('no such file') });
    });
  });
}
