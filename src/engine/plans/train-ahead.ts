import type { RunRecord } from '../../../db/index.ts';
import { hashOf } from '../../domain/hash.ts';
import { settingKey } from '../../domain/setting-key.ts';
import { isAhead } from '../../domain/study.ts';
import { runSeed } from '../run/run-seed.ts';
import { takeFrom } from '../study/same-training.ts';
import type { GuidelinePlan } from './guideline-plan.ts';
import type { Plan, PlannedRun, Session } from './plan.ts';

/** Key prefix of runs that are trained ahead. */
const prefix = 'ahead-';

/**
 * A guideline's plan that also trains, in free places, what the guideline may want next (`trainAhead`). Such a run is
 * stored under its own key, with the seed that it would have in its turn. When the guideline wants exactly that
 * training, it takes the result, or waits for it; until then it learns nothing of it.
 */
export function trainAhead(session: Session, plan: GuidelinePlan): Plan {
  const { store, study, config, control, concurrentRuns } = session;
  const started = new Set<string>();

  function aheadOf(run: PlannedRun): PlannedRun {
    const { request, seed = runSeed(config.seed, request.key) } = run;
    const setting = hashOf(settingKey(request.setting, config.epochs)).slice(0, 8);
    const key = `${prefix}${request.key}-${setting}`;
    return { ...run, seed, request: { ...request, key, iteration: null } };
  }

  const stored = ({ request: { key } }: PlannedRun) => store.runByKey(study.id, key);

  /** The run itself, or the one begun ahead for it if that is still training. */
  function inItsTurn(run: PlannedRun): PlannedRun {
    const ahead = aheadOf(run);
    const twin = stored(ahead);
    if (twin === undefined || twin.state === 'failed' || (stored(run)?.startedMs ?? null) !== null) return run;
    if (!hasEnded(twin)) return { ...ahead, why: run.why };
    return { ...run, reuse: (record) => takeFrom(session, plan, record, { study, run: twin }) };
  }

  function* free(busy: number): Iterable<PlannedRun> {
    if (!config.trainAhead) return;
    for (const request of plan.ahead(concurrentRuns - busy)) {
      const why = `Ahead of its turn, ${request.key}: wanted next if the current runs do not settle it.`;
      const run = aheadOf({ request, why });
      const known = stored(run);
      if (known === undefined || !(hasEnded(known) || known.state === 'failed')) yield run;
    }
  }

  function pending(): PlannedRun[] {
    const wanted = [...plan.pending()].map(inItsTurn);
    const all = [...wanted, ...free(wanted.length)];
    for (const { request } of all) if (isAhead(request)) started.add(request.key);
    return all;
  }

  /** Stops runs that are no longer wanted, which frees their places. */
  function stopOthers(): void {
    const wanted = new Set(pending().map(({ request }) => request.key));
    for (const key of started) {
      if (wanted.has(key)) continue;
      started.delete(key);
      control.drop(key, 'the guideline went another way');
    }
  }

  return {
    ...plan,
    pending,
    record(event, alongside) {
      const made = plan.record(event, alongside);
      stopOthers();
      return made;
    },
  };
}

function hasEnded({ state }: Pick<RunRecord, 'state'>): boolean {
  return state === 'finished' || state === 'diverged';
}
