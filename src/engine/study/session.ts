import { metricNames } from '../../config/decision-metrics.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { Driven, PlanKind, Session, StudyEnd } from '../plans/plan.ts';
import { studyMetrics } from '../plans/study-metrics.ts';
import { budgetOf } from './budget.ts';
import { cancelRequest } from './cancel-study.ts';
import { paceEstimate } from './estimate.ts';
import { takeLease } from './lease.ts';
import { openStudy } from './open-study.ts';
import { stopSwitch } from './stop-switch.ts';
import { studyControl } from './study-control.ts';
import { recordProgram, requireSameProgram } from './study-program.ts';

/** A study that this engine is working on, whose lease it holds until it is closed. */
export interface Opened extends Driven {
  /** Renews the lease, and checks other processes' requests and the budget. */
  look(): void;
  lookAtBudget(): void;
  /** Why no more runs may begin, or null. */
  full(): string | null;
  /** Records what stopped it, once none of its runs is in progress, and closes it. */
  end(): StudyEnd;
  close(): void;
}

export interface OpenSessionOptions extends Omit<Session, 'say' | 'stops' | 'control' | 'open'> {
  kind: PlanKind;
  onProgress: OnProgress;
  /** Aborting stops it. */
  signal?: AbortSignal | undefined;
  /** All open studies, to which this one is added. */
  opened: Set<Opened>;
}

/** Takes a study's lease and opens its plan. */
export function openSession({ kind, onProgress, signal, opened, ...options }: OpenSessionOptions): Opened {
  const { store, study, config, now } = options;
  const lease = takeLease(store, study, now);
  const estimate = paceEstimate(now);
  const stops = stopSwitch(signal);
  const say: OnProgress = (event) => {
    estimate.observe(event);
    onProgress(event);
  };
  const session: Session = {
    ...options,
    say,
    stops,
    control: studyControl({ store, studyId: study.id, after: store.lastEvent(), signal: stops.signal }),
    open(innerKind, innerConfig, innerSay, { reopen } = {}) {
      requireSameProgram(options, innerKind.describe(innerConfig).name, innerConfig);
      const inner = openSession({
        ...options,
        opened,
        config: innerConfig,
        study: openStudy({ store, config: innerConfig, directory: options.project, kind: innerKind, reopen, now }),
        kind: innerKind,
        onProgress: innerSay,
        signal: stops.signal,
      });
      inner.look();
      return inner;
    },
  };

  function close(): void {
    opened.delete(one);
    stops.dispose();
    lease.release();
  }

  const budget = budgetOf({ store, studyId: study.id, ...kind.budget(config) });
  const lookAtBudget = () => {
    const reason = budget.spent();
    if (reason !== null) stops.end({ type: 'budget.spent', reason });
  };
  let begun: Pick<Driven, 'plan' | 'meaning'>;
  try {
    begun = begin(session, kind);
  } catch (thrown) {
    stops.dispose();
    lease.release();
    throw thrown;
  }
  const one: Opened = {
    session,
    ...begun,
    close,
    lookAtBudget,
    full: budget.spentOnRuns,
    look() {
      lease.renew();
      session.control.look();
      const cancelled = cancelRequest(store, study.id);
      if (cancelled !== null) stops.end({ type: 'study.cancelled', reason: cancelled });
      lookAtBudget();
      const left = budget.leftMs();
      const atMostSeconds = left === null ? null : left / 1000;
      say({ type: 'estimate', currentSeconds: estimate.currentSeconds(), atMostSeconds });
    },
    end() {
      const end = recordEnd(session, begun.plan);
      close();
      return end;
    },
  };
  opened.add(one);
  return one;
}

/** Opens the plan and reports the start of the session. */
function begin(session: Session, kind: PlanKind): Pick<Driven, 'plan' | 'meaning'> {
  const { store, study, config, launcher, now, say } = session;
  const resumed = store.eventsOf(study.id, { types: ['session.started'], limit: 1 }).length > 0;
  const plan = kind.open(session);
  const meaning = studyMetrics(session, { plan, say });
  store.appendEvent(
    study.id,
    { type: 'session.started', pid: process.pid, launcher: launcher.name, ...(session.fresh ? { fresh: true } : {}) },
    now(),
  );
  say({
    type: 'study.started',
    study: study.name,
    workers: config.workers,
    epochs: config.epochs,
    metrics: metricNames(config.decision),
    launcher: launcher.name,
    simulated: study.simulated,
    resumed,
  });
  for (const message of recordProgram(session)) say({ type: 'warning', key: null, message });
  meaning.begin();
  for (const decision of plan.begin?.() ?? []) say({ type: 'decision', decision });
  return { plan, meaning };
}

/** Records what ended or stopped the study, and reports it. */
function recordEnd({ store, study, now, stops, say }: Session, plan: Driven['plan']): StudyEnd {
  const event = stops.event();
  if (plan.outcome() === null && event !== null) {
    for (const decision of plan.record(event)) say({ type: 'decision', decision });
  }
  const ended = plan.outcome();
  const reason = ended?.reason ?? String(stops.signal.reason);
  const { name, id, simulated } = study;
  if (ended !== null) say({ type: 'study.ended', study: name, ...ended, simulated, unverified: store.doubtsOf(id) });
  else {
    store.appendEvent(study.id, { type: 'study.stopped', reason }, now());
    say({ type: 'study.stopped', study: study.name, reason, resume: `autopilot resume ${study.name}` });
  }
  return ended === null ? { state: 'stopped', reason } : { state: 'ended', ...ended };
}
