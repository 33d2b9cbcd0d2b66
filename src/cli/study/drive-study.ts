import { stripVTControlCharacters } from 'node:util';
import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { StudyEnd } from '../../engine/plans/plan.ts';
import { runStudy } from '../../engine/study/run-study.ts';
import { type CompanionOptions, startCompanions } from '../companions.ts';
import { exitCodes } from '../exit-codes.ts';
import { printFitted, textOptions } from '../output.ts';
import { createProgressView } from '../progress/progress.ts';
import { studyEndText } from './end-text.ts';
import { interruptions } from './interruptions.ts';
import { studyNotifications } from './notifications.ts';

export interface DriveStudyOptions {
  store: Store;
  config: ResolvedStudyConfig;
  project: string;
  /** The config file as typed; null if the study is resumed from the store. */
  configPath?: string | null;
  json: boolean;
  /** Print only warnings and the end. Default: false. */
  quiet?: boolean | undefined;
  /** Resume a study that has failed or was cancelled. */
  reopen: boolean;
  /** Train again what other studies have already trained. Default: false. */
  fresh?: boolean | undefined;
  /** What is started beside the study. */
  companions: CompanionOptions;
}

/** Runs a study in the foreground: shows progress, stops cleanly on Ctrl-C, sets the exit code. */
export async function driveStudy(options: DriveStudyOptions): Promise<void> {
  const { store, config, project, json, quiet = false, reopen, fresh = false } = options;
  const stored = store.study(config.name);
  const view = createProgressView({ stream: process.stdout, json, quiet });
  const warn = (message: string) => view({ type: 'warning', key: null, message });
  const say = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const companions = await startCompanions({ ...options.companions, project }, { say, warn });
  const notifications = studyNotifications(config, project, warn);
  const { signal, dispose } = interruptions();
  let began = false;
  const onProgress: OnProgress = (event) => {
    began ||= event.type === 'study.started';
    view(event);
    companions.observe(event);
    notifications.observe(event);
  };
  try {
    const end = await runStudy({ store, config, directory: project, onProgress, signal, reopen, fresh });
    if (stored !== undefined && end.state === 'ended' && !began) {
      view({
        type: 'study.ended',
        study: config.name,
        outcome: end.outcome,
        reason: alreadyEnded(config.name, end),
        simulated: stored.simulated,
        unverified: store.doubtsOf(stored.id),
      });
    }
    process.exitCode = exitCodeOf(end);
    const { configPath = null } = options;
    const text = studyEndText({ store, config, project, configPath }, end, textOptions());
    notifications.ended(end, stripVTControlCharacters(text));
    await notifications.close();
    if (!json && end.state === 'ended') {
      view.close();
      printFitted(text);
    }
  } catch (thrown) {
    notifications.threw(thrown);
    await notifications.close();
    throw thrown;
  } finally {
    dispose();
    await companions.close();
    view.close();
  }
}

function alreadyEnded(name: string, { outcome, reason }: Extract<StudyEnd, { state: 'ended' }>): string {
  const fix: Record<string, string> = {
    failed: `Try again with: autopilot resume ${name}`,
    cancelled: `Continue with: autopilot resume ${name}`,
    budgetSpent: `Continue with a larger budget: change it in the config, then run it again`,
  };
  const next = fix[outcome] ?? `See it with: autopilot history ${name}. Run it again under another name (--fresh-name)`;
  return `It had already ended: ${reason} ${next}.`;
}

function exitCodeOf(end: StudyEnd): number {
  if (end.state === 'stopped') return exitCodes.interrupted;
  if (end.outcome === 'noLoss') return exitCodes.ok;
  return end.outcome === 'failed' ? exitCodes.error : exitCodes.notReached;
}
