import type { LeaseRecord, RunRecord, Store, StudyEvent, StudyRecord } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { isHeld } from './lease.ts';
import { storedStudy } from './stored-study.ts';

export const studyRequestTypes = ['pause.requested', 'resume.requested', 'stop.requested'] as const;

/**
 * A request from another process (the command line, the dashboard) to the engine that runs a study. It is an event in
 * the study's log, so it works from any host that sees the project folder, and the history shows who asked for what.
 */
export type StudyRequest = StudyEvent<(typeof studyRequestTypes)[number]>;

export interface RequestOptions {
  store: Store;
  /** The study's name or id. */
  study: string;
  reason: string;
  now?: () => number;
}

/** The engine that received the request. */
export type RequestedOf = Pick<LeaseRecord, 'pid' | 'host'>;

export function requestPause({ stopRuns = false, ...options }: RequestOptions & { stopRuns?: boolean }): RequestedOf {
  return request(options, (reason) => ({ type: 'pause.requested', stopRuns, reason }));
}

export function requestResume(options: RequestOptions): RequestedOf {
  return request(options, (reason) => ({ type: 'resume.requested', reason }));
}

/** Requests that one run be stopped, by its id. */
export function requestStop(options: Omit<RequestOptions, 'study'> & { run: string }): RequestedOf {
  const run = storedRunOf(options.store, options.run);
  if (run.state !== 'running' && run.state !== 'pending') {
    throw new AutopilotError('run.ended', `Run "${run.id}" is not running (${run.state}): there is nothing to stop.`);
  }
  return request({ ...options, study: run.studyId }, (reason) => ({ type: 'stop.requested', key: run.key, reason }));
}

/** The live engine on the study, as far as this host can tell, or null. */
export function engineOf(store: Store, study: StudyRecord, nowMs = Date.now()): RequestedOf | null {
  const lease = store.leaseOf(study.id);
  return lease && isHeld(lease, nowMs) ? { pid: lease.pid, host: lease.host } : null;
}

function request(
  { store, study: name, reason, now = Date.now }: RequestOptions,
  of: (reason: string) => StudyRequest,
): RequestedOf {
  const study = storedStudy(store, name);
  if (study.outcome !== null) {
    throw new AutopilotError('study.ended', `Study "${study.name}" has already ended (${study.outcome}).`);
  }
  const engine = engineOf(store, study, now());
  if (engine === null) {
    throw new AutopilotError(
      'study.notRunning',
      `No process is running study "${study.name}". Continue it on the machine that has the workers: autopilot resume ${study.name}`,
    );
  }
  store.appendEvent(study.id, of(reason), now());
  return engine;
}

function storedRunOf(store: Store, id: string): RunRecord {
  const run = store.run(id);
  if (run) return run;
  throw new AutopilotError(
    'run.unknown',
    `There is no run "${id}" in ${store.path}. A run is named STUDY.KEY, such as cerebellum.iteration-3; autopilot show STUDY lists them.`,
  );
}
