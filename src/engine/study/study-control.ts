import type { Store } from '../../../db/index.ts';
import { type StudyRequest, studyRequestTypes } from './study-requests.ts';

/** Other processes' requests to a running engine, and the stop signals they trigger. */
export interface StudyControl {
  /** Handles the requests that have arrived since the last look. */
  look(): void;
  /** Whether this run may start or continue. */
  mayRun(key: string): boolean;
  /** Why nothing starts although the guideline wants runs; null if nothing holds them back. */
  waitsBecause(): string | null;
  /** A run's own signal, aborted with the study's or by a request for this run. */
  signalOf(key: string): AbortSignal;
  /** Discards the signal of a run that has ended. */
  release(key: string): void;
  /** Whether this run was stopped on its own while the study continues. */
  stoppedAlone(key: string): boolean;
  /** Stops a run that is no longer wanted; it may start again. */
  drop(key: string, reason: string): void;
  /** Resolves at the next request. */
  next(): Promise<void>;
}

interface RunSwitch {
  own: AbortController;
  unfollow: () => void;
}

export interface StudyControlOptions {
  store: Store;
  studyId: string;
  /** Requests up to this sequence number belong to an earlier session. */
  after: number;
  /** Stops every run of the study. */
  signal: AbortSignal;
}

export function studyControl({ store, studyId, after, signal }: StudyControlOptions): StudyControl {
  let seen = after;
  let paused: string | null = null;
  const stopped = new Map<string, string>();
  const dropped = new Set<string>();
  const switches = new Map<string, RunSwitch>();
  const waiting = new Set<() => void>();

  function stopAll(reason: string): void {
    for (const [key, { own }] of switches) {
      stopped.set(key, reason);
      own.abort(reason);
    }
  }

  function handle(request: StudyRequest): void {
    switch (request.type) {
      case 'resume.requested':
        paused = null;
        stopped.clear();
        return;
      case 'pause.requested':
        paused = request.reason;
        if (request.stopRuns) stopAll(request.reason);
        return;
      case 'stop.requested':
        stopped.set(request.key, request.reason);
        switches.get(request.key)?.own.abort(request.reason);
        return;
      default:
        request satisfies never;
    }
  }

  return {
    look() {
      const events = store.eventsOf(studyId, { after: seen, types: studyRequestTypes });
      for (const { sequence, event } of events) {
        seen = sequence;
        handle(event);
      }
      if (events.length === 0) return;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    mayRun: (key) => paused === null && !stopped.has(key),
    waitsBecause() {
      if (paused !== null) return `paused (${paused})`;
      return stopped.size === 0 ? null : `stopped: ${[...stopped.keys()].join(', ')}`;
    },
    signalOf(key) {
      const own = new AbortController();
      const follow = () => own.abort(signal.reason);
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow);
      switches.set(key, { own, unfollow: () => signal.removeEventListener('abort', follow) });
      return own.signal;
    },
    release(key) {
      switches.get(key)?.unfollow();
      switches.delete(key);
      dropped.delete(key);
    },
    drop(key, reason) {
      const own = switches.get(key)?.own;
      if (own === undefined) return;
      dropped.add(key);
      own.abort(reason);
    },
    stoppedAlone: (key) => (stopped.has(key) || dropped.has(key)) && switches.get(key)?.own.signal.aborted === true,
    next: () => new Promise((resolve) => waiting.add(resolve)),
  };
}
