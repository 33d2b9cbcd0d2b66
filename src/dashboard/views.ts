import type { Store, StudyRecord } from '../../db/index.ts';
import { workerCounts } from '../config/scale-section.ts';
import { readableConfig } from '../config/stored.ts';
import { runDirectoryOf } from '../protocol/run-directory.ts';
import { provenance } from '../report/provenance.ts';
import { scaling, scalingEndMs } from '../report/scaling/scaling.ts';
import { plainReasonOf } from '../report/words.ts';
import { type LogTail, sizesOfLogs, tailOfLog } from './log-tail.ts';
import { comparedRuns, runPage } from './run-view.ts';
import type { Sent } from './sent.ts';
import { type IsHeld, studyActivity } from './study-activity.ts';
import { studyView } from './study-view.ts';

/** The data behind a page, and a short text that changes whenever the data does. */
export interface View<Shown = unknown> {
  stamp(): string;
  read(): Shown;
}

/** The answer at an address below `/api`. */
export type AnswerAt<Address extends string> = Address extends '/studies'
  ? Answer<typeof studiesView>
  : Address extends `/studies/${string}`
    ? Answer<typeof oneStudyView>
    : Address extends `/runs/${string}/log`
      ? Answer<typeof logView>
      : Address extends `/runs/${string}`
        ? Answer<typeof runPageView>
        : Address extends `/compare?${string}`
          ? Answer<typeof compareView>
          : Address extends `/scalings/${string}`
            ? Answer<typeof scalingView>
            : never;

// biome-ignore lint/suspicious/noExplicitAny: any view, whatever it takes
type Answer<Of extends (...given: any[]) => View | null> = Sent<
  NonNullable<ReturnType<NonNullable<ReturnType<Of>>['read']>>
>;

export interface ViewOptions {
  store: Store;
  /** Folder that contains `runs/`. */
  project: string;
  /** Whether the page may offer to stop, pause, resume and cancel. */
  writable: boolean;
  isHeld: IsHeld;
  now: () => number;
}

/** Maximum number of runs compared side by side. */
const mostCompared = 64;

type Route = [pattern: RegExp, view: (options: ViewOptions, name: string, query: URLSearchParams) => View | null];

const routes: Route[] = [
  [/^\/studies$/, studiesView],
  [/^\/studies\/([^/]+)$/, oneStudyView],
  [/^\/runs\/([^/]+)$/, runPageView],
  [/^\/runs\/([^/]+)\/log$/, logView],
  [/^\/compare$/, compareView],
  [/^\/scalings\/([^/]+)$/, scalingView],
];

/** Finds the view at an address below `/api`, such as `/studies/cerebellum?before=50`; null if there is none. */
export function viewsOf(options: ViewOptions): (address: string) => View | null {
  return (address) => {
    const url = URL.canParse(address, 'http://page') ? new URL(address, 'http://page') : null;
    for (const [pattern, view] of routes) {
      const match = url && pattern.exec(url.pathname);
      const name = match && decoded(match[1] ?? '');
      if (url && name !== null) return view(options, name, url.searchParams);
    }
    return null;
  };
}

/** Null for text that no page writes, such as a lone %. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function studiesView({ store, writable, isHeld, now }: ViewOptions) {
  const activities = () => store.studies().map((study) => studyActivity(store, study, isHeld, now()));
  return {
    stamp: () => `${store.lastEvent()} ${JSON.stringify(activities().map(({ state }) => state))}`,
    read: () => ({
      writable,
      scalings: store
        .scalings()
        .map((study) => ended(store, study))
        .map(({ name, createdMs, endedMs, simulated, versions }) => ({
          ...{ name, createdMs, endedMs, simulated },
          made: provenance({ createdMs, endedMs, versions }),
        })),
      studies: store.studies().map((study) => ({
        ...summary(store, study),
        activity: studyActivity(store, study, isHeld, now()),
      })),
    }),
  };
}

/** How many workers train without loss, and what each worker count gains. */
function scalingView({ store }: ViewOptions, name: string) {
  const study = store.scalings().find((one) => one.name === name);
  if (study === undefined) return null;
  return {
    stamp: () => String(store.lastEvent()),
    read: () => ({ ...scaling(store, study, askedOf(study)), made: provenance(ended(store, study)) }),
  };
}

function askedOf(study: StudyRecord): number[] {
  const config = readableConfig(study);
  return config === null ? [] : workerCounts(config);
}

/** A scaling with the end time of its last study, which its own record lacks. */
function ended(store: Store, study: StudyRecord): StudyRecord {
  return { ...study, endedMs: scalingEndMs(store, study, askedOf(study)) };
}

function summary(store: Store, study: StudyRecord) {
  const { id, name, workers, epochs, simulated, outcome, createdMs, endedMs } = study;
  const reason = plainReasonOf(study);
  const lastReason = plainReasonOf(store.lastDecisionOf(id) ?? { reason: null });
  const unverified = store.doubtsOf(id);
  const made = provenance(study);
  return { id, name, workers, epochs, simulated, outcome, unverified, reason, createdMs, endedMs, lastReason, made };
}

function oneStudyView({ store, writable, isHeld, now }: ViewOptions, name: string, query: URLSearchParams) {
  const before = Number(query.get('before') ?? Number.NaN);
  const current = () => {
    const study = store.study(name);
    return study?.kind === 'guideline' ? study : undefined;
  };
  if (current() === undefined) return null;
  return {
    stamp() {
      const study = current();
      return study ? `${store.stampOfStudy(study.id)} ${studyActivity(store, study, isHeld, now()).state}` : '';
    },
    read() {
      const study = current();
      if (study === undefined) return null;
      const page = Number.isInteger(before) ? { before } : {};
      return { writable, ...studyView({ store, study, isHeld, nowMs: now(), ...page }) };
    },
  };
}

function runPageView({ store, writable }: ViewOptions, id: string) {
  const found = store.run(id);
  if (found === undefined) return null;
  return {
    stamp: () => String(store.stampOfRun(found.id)),
    read() {
      const run = store.run(found.id);
      return run ? { writable, ...runPage(store, run) } : null;
    },
  };
}

function logView({ store, project }: ViewOptions, id: string): View<LogTail[]> | null {
  const run = store.run(id);
  if (run === undefined) return null;
  const directory = runDirectoryOf(project, run.id);
  return {
    stamp: () => sizesOfLogs(directory).join(' '),
    read: () => tailOfLog(directory),
  };
}

function compareView({ store }: ViewOptions, _: string, query: URLSearchParams) {
  const names = [...new Set((query.get('runs') ?? '').split(','))].slice(0, mostCompared);
  const ids = names.flatMap((name) => store.run(name)?.id ?? []);
  if (ids.length === 0) return null;
  return {
    stamp: () => ids.map((id) => store.stampOfRun(id)).join(' '),
    read: () => ({ runs: comparedRuns(store, ids) }),
  };
}
