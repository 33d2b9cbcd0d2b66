import type { Store } from '../../../db/index.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { workerCounts } from '../../config/scale-section.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { StudyEnd } from '../../engine/plans/plan.ts';
import { scalingCsv } from '../../report/scaling/csv.ts';
import { scalingSvg } from '../../report/scaling/figure.ts';
import { type Scaling, scaling } from '../../report/scaling/scaling.ts';
import { scalingText } from '../../report/scaling/text.ts';
import { scalingName } from '../../scale/counts.ts';
import { runScale } from '../../scale/run-scale.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeFigureFiles } from '../figure-files.ts';
import { plainTextOptions, printFitted, printJson, printText, textOptions } from '../output.ts';
import { createProgressView } from '../progress/progress.ts';
import { interruptions } from './interruptions.ts';
import { studyNotifications } from './notifications.ts';

export interface DriveScaleOptions {
  store: Store;
  config: ResolvedStudyConfig;
  project: string;
  json: boolean;
  /** Print only warnings and the end. Default: false. */
  quiet?: boolean | undefined;
  /** Train again what studies outside the scaling have already trained. Default: false. */
  fresh?: boolean | undefined;
  /** Where the figure and its data go. */
  out: string;
}

/** Runs or resumes a scaling in the foreground, prints what it found and sets the exit code. */
export async function driveScale(options: DriveScaleOptions): Promise<void> {
  const { store, config, project, json, quiet = false, fresh = false } = options;
  const { signal, dispose } = interruptions();
  const view = createProgressView({ stream: process.stdout, json, quiet });
  const warn = (message: string) => view({ type: 'warning', key: null, message });
  const notifications = studyNotifications(config, project, warn, scalingName(config));
  const onProgress: OnProgress = (event) => {
    view(event);
    notifications.observe(event);
  };
  let end: StudyEnd;
  try {
    end = await runScale({ store, config, directory: project, signal, fresh, onProgress });
    const text = scalingText(scalingOf(store, config), plainTextOptions());
    notifications.ended(end, text);
  } catch (thrown) {
    notifications.threw(thrown);
    throw thrown;
  } finally {
    await notifications.close();
    dispose();
    view.close();
  }
  showScale(options);
  process.exitCode = exitCodeOf(end);
}

/** Prints a scaling's results so far, and writes its figure. */
export function showScale({ store, config, json, out }: Omit<DriveScaleOptions, 'project'>): void {
  const data = scalingOf(store, config);
  const files = writeFigureFiles({
    folder: out,
    name: data.scaling,
    svg: scalingSvg(data),
    csv: scalingCsv(data),
    data,
  });
  if (json) {
    printJson({ ...data, files });
    return;
  }
  printFitted(scalingText(data, textOptions()));
  printText(`Figure and data: ${files.join(', ')}`);
}

function scalingOf(store: Store, config: ResolvedStudyConfig): Scaling {
  const study = store.study(scalingName(config));
  if (study?.kind === 'scaling') return scaling(store, study, workerCounts(config));
  throw new AutopilotError('scale.none', `There is no scaling of "${config.name}" yet. Train it: leave --show out.`);
}

/** 0 only if every worker count is without loss. */
function exitCodeOf(end: StudyEnd): number {
  if (end.state === 'stopped') return exitCodes.interrupted;
  if (end.outcome === 'complete') return exitCodes.ok;
  return end.outcome === 'failed' ? exitCodes.error : exitCodes.notReached;
}
