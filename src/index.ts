/**
 * The library: everything the command line does with a study, for programs.
 *
 * ```ts
 * import { askStudy, loadStudyConfig, openStore, tellStudy } from 'grescale-autopilot';
 *
 * const { config, directory } = loadStudyConfig('study.yaml');
 * const store = openStore({ path: 'autopilot.db' });
 * for (let asked = askStudy({ store, config, directory }); asked.outcome === null; asked = askStudy({ store, config, directory })) {
 *   for (const run of asked.runs) {
 *     const metrics = await train(run.setting, run.workers, run.seed); // yours
 *     tellStudy({ store, study: config.name, run: run.key, result: { metrics } });
 *   }
 * }
 * ```
 */
export { openStore, type Store } from '../db/index.ts';
export { lrPerEpoch, scheduleFrom } from '../schedules/index.ts';
export { type LoadedStudy, loadStudyConfig } from './config/load.ts';
export type { ResolvedStudyConfig } from './config/resolve.ts';
export { AutopilotError } from './domain/errors.ts';
export type { Metrics } from './domain/metrics.ts';
export type { Setting } from './domain/setting.ts';
export type { Decision, Iteration, RunRequest, RunResult, StudyOutcome, Verdict } from './domain/study.ts';
export { type AskedRun, type AskedStudy, askStudy } from './engine/ask-study.ts';
export { cancelStudy } from './engine/cancel-study.ts';
export type { OnProgress, ProgressEvent } from './engine/progress.ts';
export { type RunStudyOptions, runStudy, type StudyEnd } from './engine/run-study.ts';
export { type ToldResult, type ToldStudy, tellStudy } from './engine/tell-study.ts';
export type { LaunchedJob, Launcher } from './launcher/launcher.ts';
