import type { Store, StudyEvent } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { movedPath } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { hashOf } from '../../domain/hash.ts';
import { composeProgram, type StudyProgram } from '../../launcher/deploy/compose-program.ts';
import type { OpenStudy, Session } from '../plans/plan.ts';

const composed = new WeakMap<ResolvedStudyConfig, StudyProgram>();

/** A config's program as of the first call; ranks refuse files that change on disk afterwards. */
export function programOf(config: ResolvedStudyConfig): StudyProgram {
  const known = composed.get(config);
  if (known !== undefined) return known;
  const program = composeProgram(config);
  composed.set(config, program);
  return program;
}

type Recorded = StudyEvent<'program.recorded'>['program'];

/** Refuses and names files that differ from those of the study's earlier sessions: results would not be comparable. */
export function requireSameProgram(
  { store, project }: Pick<Session, 'store' | 'project'>,
  study: string,
  config: ResolvedStudyConfig,
): void {
  const before = lastRecorded(store, study);
  const directory = store.study(study)?.directory;
  if (before === undefined || directory === undefined) return;
  const placed = movedPath(directory, project);
  const files = Object.fromEntries(Object.entries(before.files).map(([path, hash]) => [placed(path), hash]));
  const after = recordOf(config);
  const paths = new Set([...Object.keys(files), ...Object.keys(after.files)]);
  const changed = [...paths].filter((path) => files[path] !== after.files[path]);
  if (changed.length === 0) return;
  throw new AutopilotError(
    'study.program',
    [
      `Study "${study}" was started with different files:`,
      ...changed.map((path) => `  ${path}`),
      'Results of different programs cannot be compared. Put these files back, or give the new study another name (name: …, or --fresh-name).',
    ].join('\n'),
  );
}

/**
 * Whether everything that a training reads is recorded. Not so for a command, of which only the files it names are, nor
 * for a dataset module, which reads data of its own: these may have changed in between.
 */
export function recordsAllItReads({
  trainer,
  components,
}: Pick<ResolvedStudyConfig, 'trainer' | 'components'>): boolean {
  return trainer.kind !== 'command' && components.dataset === undefined;
}

/** Whether every run of the study was trained with the files, including data, and versions that this config has now. */
export function sameProgram({ store, config }: Pick<OpenStudy, 'store' | 'config'>, study: string): boolean {
  const recorded = store.eventsOf(study, { types: ['program.recorded'] });
  if (!recordsAllItReads(config) || recorded.length === 0) return false;
  const own = hashOf(recordOf(config));
  return recorded.every(({ event }) => hashOf(event.program) === own);
}

/** Records the program that the study's runs use from now on. Returns a warning if autopilot itself has changed. */
export function recordProgram({ store, study, config, now }: OpenStudy): string[] {
  const program = recordOf(config);
  const before = lastRecorded(store, study.id);
  if (before !== undefined && hashOf(before) === hashOf(program)) return [];
  store.appendEvent(study.id, { type: 'program.recorded', program }, now());
  return before === undefined || before.code === program.code ? [] : [updated(before, program)];
}

function lastRecorded(store: Store, studyId: string): Recorded | undefined {
  return store.lastEventOf(studyId, ['program.recorded'])?.event.program;
}

function recordOf(config: ResolvedStudyConfig): Recorded {
  const { versions, code, files } = programOf(config);
  return {
    versions,
    code: hashOf(code),
    files: Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])),
  };
}

function updated(before: Recorded, after: Recorded): string {
  const [was, is] = [before.versions.autopilot, after.versions.autopilot];
  const what = was === is ? 'its files have changed' : `${was} before, ${is} now`;
  return `autopilot itself is not the one this study was started with (${what}); runs before and after may differ in the last digits`;
}
