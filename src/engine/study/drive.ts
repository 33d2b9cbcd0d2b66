import { AutopilotError } from '../../domain/errors.ts';
import type { Driven, PlannedRun, StudyEnd } from '../plans/plan.ts';
import { settleRun } from '../run/settle-run.ts';
import { storedRun } from '../run/stored-run.ts';
import { trainingOf, trainRun } from '../run/train-run.ts';
import type { Opened } from './session.ts';

/** Milliseconds between checks of the budget, the lease and requests of other processes. */
const tickMs = 1000;

/** Trains the runs a study's plan wants, as many at a time as allowed, until it has an outcome or is stopped. */
export async function drive(open: (opened: Set<Opened>) => Opened): Promise<StudyEnd> {
  const opened = new Set<Opened>();
  const root = open(opened);
  const { session, plan } = root;
  const { stops } = session;
  const active = new Map<string, { of: Driven; done: Promise<void> }>();

  function startPending(): void {
    const wanted = plan.pending()[Symbol.iterator]();
    while (active.size < session.concurrentRuns && root.full() === null) {
      const next = wanted.next();
      if (next.done) return;
      start(next.value);
    }
  }

  function start(run: PlannedRun): void {
    const of = run.within ?? root;
    const { control, study, stops: own } = of.session;
    const { key } = run.request;
    const id = `${study.id}.${key}`;
    if (active.has(id) || own.signal.aborted || !control.mayRun(key)) return;
    const done = train(of, run)
      .catch(stops.fail)
      .finally(() => {
        control.release(key);
        active.delete(id);
      });
    active.set(id, { of, done });
  }

  /** Ends inner studies that have an outcome or were stopped alone, once none of their runs is in progress. */
  function endInner(): void {
    for (const one of opened) {
      const over = one.plan.outcome() !== null || one.session.stops.signal.aborted;
      if (one !== root && over && runsOf(one).length === 0) one.end();
      else if (one !== root && over) one.session.stops.halt();
    }
  }

  const runsOf = (one: Opened) => [...active.values()].filter(({ of }) => of.session === one.session);

  /** Waits until a request, or a stop, gets a paused study moving again. */
  async function held(): Promise<void> {
    const waiting = [...opened].flatMap((one) => {
      const why = one.session.control.waitsBecause();
      return why === null ? [] : [{ ...one.session, why }];
    });
    if (waiting.length === 0) throw stuck(session.study.name);
    for (const { store, study, now, say, why } of waiting) {
      store.appendEvent(study.id, { type: 'study.paused', reason: why }, now());
      say({ type: 'waiting', reason: `${why}; continue with: autopilot resume ${study.name}` });
    }
    await nextSign();
    for (const { store, study, now } of waiting) store.appendEvent(study.id, { type: 'study.continued' }, now());
  }

  const nextSign = () =>
    Promise.race([
      ...[...active.values()].map(({ done }) => done),
      ...[...opened].flatMap(({ session: one }) => [one.control.next(), one.stops.thrown]),
    ]);

  const attempt = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      stops.fail(thrown);
    }
  };
  const lookAtAll = () => {
    for (const one of opened) one.look();
  };
  const ticking = setInterval(() => attempt(lookAtAll), tickMs);
  try {
    attempt(root.look);
    while (plan.outcome() === null && !stops.signal.aborted) {
      attempt(root.lookAtBudget);
      if (stops.signal.aborted) break;
      attempt(endInner);
      attempt(startPending);
      const full = root.full();
      if (active.size > 0) await nextSign();
      else if (plan.outcome() !== null || stops.signal.aborted) break;
      else if (full !== null) stops.end({ type: 'budget.spent', reason: full });
      else await held();
    }
    stops.halt();
    await Promise.all([...active.values()].map(({ done }) => done));
    const failure = stops.failure();
    if (failure !== null) throw failure.thrown;
    attempt(endInner);
    return root.end();
  } finally {
    clearInterval(ticking);
    for (const one of opened) one.close();
  }
}

async function train(of: Driven, planned: PlannedRun): Promise<void> {
  const run = storedRun(of.session, planned);
  if (run.startedMs === null && planned.reuse?.(run)) return;
  settleRun(of, run, await trainRun(trainingOf(of, planned, run)));
}

/** Cannot happen with a sound plan; waiting forever would hide the fault. */
function stuck(name: string): AutopilotError {
  return new AutopilotError('guideline.stuck', `The plan of study "${name}" wants no run and has no outcome.`);
}
