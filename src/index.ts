/**
 * The library: what the command line does with a study, for programs. docs/library-api.md has an example of each part,
 * run as a test. Modules that replace a part of the trainer import `grescale-autopilot/components`.
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

// The store of studies, runs and decisions.
export type {
  AttemptRecord,
  DecisionRecord,
  EpochRecord,
  EvaluationRecord,
  EventRecord,
  IterationRecord,
  RunRecord,
  StudyEvent,
  StudyRecord,
} from '../db/index.ts';
export { openStore, type Store } from '../db/index.ts';
// Decisions: the rules, the choice of the best setting, and the flowchart that acts on them. All are pure.
export {
  type BestSettingOptions,
  bestSetting,
  type DecisionRule,
  type Judgement,
  type RunMetrics,
  ruleFrom,
  type SettingEstimate,
  type SettingRun,
  type Standing,
  settingEstimates,
} from '../machines/decision/index.ts';
export type { GuidelineInput, GuidelineState } from '../machines/guideline/index.ts';
/** The flowchart without a store: `guideline.start`, `.advance`, `.pendingRuns`, `.decisions`, `.outcome`. */
export * as guideline from '../machines/guideline/index.ts';
// Learning-rate schedules: pure functions of the fractional epoch.
export {
  constant,
  constantWarmup,
  cosine,
  cyclic,
  defaultDecayEpochs,
  exponential,
  gradualWarmup,
  greScale,
  lrPerEpoch,
  type Phase,
  type PhaseSpan,
  type PolicyName,
  perStep,
  phaseAt,
  phases,
  policyNames,
  polynomial,
  type Schedule,
  type ScheduleSpec,
  scheduleFrom,
  staircase,
} from '../schedules/index.ts';
// Study configs.
export { type LoadedStudy, loadStudyConfig, parseStudyConfig } from './config/load.ts';
export type { ResolvedStudyConfig } from './config/resolve.ts';
export type { StudyConfigInput } from './config/study-config.ts';
// The vocabulary.
export type { DecisionRuleConfig } from './domain/decision-rule.ts';
export { AutopilotError } from './domain/errors.ts';
export type { Guideline, GuidelineAction, IterationAction } from './domain/guideline.ts';
export type { Metrics, MetricsSummary } from './domain/metric/metrics.ts';
// Run: autopilot trains.
export type { OnProgress, ProgressEvent } from './domain/progress.ts';
export type { Setting } from './domain/setting.ts';
export type {
  Decision,
  GuidelineEvent,
  Iteration,
  RunRequest,
  RunResult,
  StudyOutcome,
  Verdict,
} from './domain/study.ts';
// Ask and tell: something else trains.
export { type AskedRun, type AskedStudy, type AskStudyOptions, askStudy } from './engine/by-hand/ask-study.ts';
export { type ImportRunsOptions, importRuns } from './engine/by-hand/import-runs.ts';
export { readToldRuns, type ToldRun } from './engine/by-hand/read-told-runs.ts';
export { type TellStudyOptions, type ToldResult, type ToldStudy, tellStudy } from './engine/by-hand/tell-study.ts';
export { guidelineInputOf } from './engine/plans/guideline-input.ts';
export type { StudyEnd } from './engine/plans/plan.ts';
export { cancelStudy } from './engine/study/cancel-study.ts';
export { type RunStudyOptions, runStudy } from './engine/study/run-study.ts';
export type { ExitReport, Job, LaunchedJob, Launcher, Program } from './launcher/launcher.ts';
// A trainer in TypeScript or JavaScript: the other side of the run directory.
export { readRunSpec } from './protocol/read-run-spec.ts';
export { runDirectoryFiles } from './protocol/run-directory.ts';
export type { RunSpec } from './protocol/run-spec.ts';
export type { TrainerEvent } from './protocol/trainer-event.ts';
// Reading: what `history`, `replay` and the list of studies print.
export { type BestSetting, type HistoryRow, type StudyHistory, studyHistory } from './report/history/history.ts';
export { type ListedStudy, studyList } from './report/history/study-list.ts';
export { readReplayTable } from './report/replay/file.ts';
export { type Replay, type ReplayOptions, type ReplayRow, replay } from './report/replay/replay.ts';
export type { ReplayTable } from './report/replay/table.ts';
export { eventWriter } from './trainer/worker/event-writer.ts';
