import type { Store } from '../../db/index.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { storedConfig } from '../config/stored.ts';
import type { Setting } from '../domain/setting.ts';
import { runStudy } from '../engine/study/run-study.ts';
import type { Launcher } from '../launcher/launcher.ts';
import { studyHistory } from '../report/history.ts';
import { compareSection, searchName } from './plan.ts';
import type { OnComparison } from './progress.ts';

export interface SearchSettingOptions {
  store: Store;
  config: ResolvedStudyConfig;
  comparisonId: string;
  workers: number;
  /** The project folder. */
  directory: string;
  launcher: Launcher;
  signal: AbortSignal;
  onProgress: OnComparison;
  now: () => number;
  retryDelayMs: (attempt: number) => number;
}

export type Search =
  | { state: 'found'; setting: Setting }
  /** No iteration has a result; the figure has no point there. */
  | { state: 'nothing' }
  | { state: 'stopped' };

/** Runs the guideline's study for one worker count, with the comparison's baseline: its confirmed setting, or its best. */
export async function searchSetting(options: SearchSettingOptions): Promise<Search> {
  const { store, config, workers, onProgress, now } = options;
  const name = searchName(config, workers);
  const stored = store.study(name);
  if (stored === undefined || stored.outcome === null) {
    const search = searchConfig(options);
    if (search === null) {
      onProgress({ type: 'warning', message: `Study ${name} needs a baseline, and no baseline run has finished.` });
      return { state: 'nothing' };
    }
    onProgress({ type: 'search.started', study: name, workers });
    const { directory, launcher, signal, retryDelayMs } = options;
    const onInner = (event: Parameters<typeof onProgress>[0] & { type: 'inner' }) => onProgress(event);
    const end = await runStudy({
      store,
      config: search,
      directory,
      launcher,
      signal,
      now,
      retryDelayMs,
      onProgress: (event) => onInner({ type: 'inner', event }),
    });
    if (end.state === 'stopped') return { state: 'stopped' };
    onProgress({ type: 'search.ended', study: name, workers, outcome: end.outcome, reason: end.reason });
  }
  const study = store.study(name);
  const best = study === undefined ? null : studyHistory(store, study, now(), { range: { from: 0, to: -1 } }).best;
  return best?.setting ? { state: 'found', setting: best.setting } : { state: 'nothing' };
}

/** A study of its own; a stored one keeps the baseline it began with, though the comparison may have more seeds by now. */
function searchConfig({ store, config, comparisonId, workers }: SearchSettingOptions): ResolvedStudyConfig | null {
  const { compare: _, ...task } = config;
  const name = searchName(config, workers);
  const stored = store.study(name);
  const runs =
    (stored && storedConfig(stored).baseline.runs) ??
    store
      .runsOf(comparisonId)
      .filter(({ kind, state }) => kind === 'baseline' && state === 'finished')
      .flatMap(({ metrics }) => (metrics === null ? [] : [only(metrics, config.decision.metrics)]));
  if (runs.length === 0) return null;
  return {
    ...task,
    name,
    workers,
    baseline: { runs, seeds: runs.length },
    budget: { iterations: compareSection(config).iterations },
  };
}

function only(metrics: Record<string, number>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]])));
}
