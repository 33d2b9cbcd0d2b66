import { statSync } from 'node:fs';
import { join } from 'node:path';
import { count } from '../../domain/text/format.ts';
import { baselineSummaryChecks } from '../baseline-summary.ts';
import { commandStartChecks } from '../command-start.ts';
import { metricNames, outsideBounds } from '../decision-metrics.ts';
import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';
import type { StudyConfig } from '../study-config.ts';
import { componentChecks } from './component-checks.ts';
import { deployFits } from './deploy-checks.ts';
import { metricChecks } from './metric-checks.ts';
import { placementChecks } from './placement-checks.ts';
import { schedulerChecks } from './scheduler-checks.ts';
import { secretChecks } from './secret-checks.ts';

/**
 * Finds problems that no single field shows, such as schedules that do not fit or data that does not exist. `given` is
 * the config before the defaults that depend on other fields were filled in.
 */
export function crossChecks(config: ResolvedStudyConfig, given: StudyConfig): ConfigProblem[] {
  return [
    ...scheduleFits(config, given),
    ...startFits(config),
    ...dataExists(config),
    ...weightsExist(config),
    ...decisionFits(config),
    ...metricChecks(config, given),
    ...baselineFits(config),
    ...extensionFits(config),
    ...baselineSummaryChecks(config, given),
    ...componentChecks(config, given),
    ...commandStartChecks(config),
    ...deployFits(config),
    ...placementChecks(config),
    ...precisionFits(config),
    ...schedulerChecks(config),
    ...secretChecks(config),
    ...notifiesSomeone(config),
  ];
}

/** Arithmetic must not depend on what happens to be installed: with bf16, `backend` must name the one that has it. */
function precisionFits({ compute, trainer }: ResolvedStudyConfig): ConfigProblem[] {
  if (compute.precision !== 'bf16') return [];
  const path = ['compute', 'precision'];
  if (trainer.kind !== 'embedded') {
    const fix = trainer.kind === 'command' ? 'set it in the command itself' : 'leave it out';
    const message = `compute.precision is for the embedded trainer, but trainer.kind is ${trainer.kind}; ${fix}`;
    return [{ path, message }];
  }
  if (compute.backend === 'native') return [];
  const message = `compute.precision is bf16, which only the back end native supports, but compute.backend is ${compute.backend}; set compute.backend: native, or precision: float32`;
  return [{ path, message }];
}

function scheduleFits({ epochs, setting }: ResolvedStudyConfig, given: StudyConfig): ConfigProblem[] {
  const { warmupEpochs, decayEpochs } = setting;
  const sum = warmupEpochs + decayEpochs;
  if (sum <= epochs) return [];
  const path = ['setting', given.setting.decayEpochs === undefined ? 'warmupEpochs' : 'decayEpochs'];
  const most = Math.max(0, epochs - warmupEpochs);
  const fix =
    warmupEpochs > epochs
      ? `lower warmupEpochs to at most ${epochs}, or raise epochs to at least ${sum}`
      : `lower decayEpochs to at most ${most}, or raise epochs to at least ${sum}`;
  return [
    {
      path,
      message: `setting.warmupEpochs ${warmupEpochs} + setting.decayEpochs ${decayEpochs} = ${count(sum, 'epoch')}, but epochs is ${epochs}; ${fix}`,
    },
  ];
}

function startFits({ epochs: ofStudy, setting, start }: ResolvedStudyConfig): ConfigProblem[] {
  if (start === undefined) return [];
  const { warmupEpochs = setting.warmupEpochs, decayEpochs = setting.decayEpochs, epochs = ofStudy } = start;
  if (warmupEpochs + decayEpochs <= epochs) return [];
  const message = `start: warmupEpochs ${warmupEpochs} + decayEpochs ${decayEpochs} exceed its ${count(epochs, 'epoch')}; shorten one of them, or raise start.epochs`;
  return [{ path: ['start'], message }];
}

function dataExists({ data, trainer, components }: ResolvedStudyConfig): ConfigProblem[] {
  if (data.kind === 'none' && trainer.kind === 'embedded' && components.dataset === undefined) {
    return [{ path: ['data'], message: 'data is missing; name the slices to train on ("kind: slices", "path: …")' }];
  }
  if (data.kind !== 'slices') return [];
  const path = ['data', 'path'];
  const manifest = join(data.path, 'manifest.json');
  if (!exists(data.path))
    return [{ path, message: `data.path ${data.path} does not exist; correct it (relative to this file)` }];
  if (!exists(manifest)) {
    return [
      { path, message: `data.path ${data.path} has no manifest.json; name a slice folder made by "autopilot prep"` },
    ];
  }
  return [];
}

function weightsExist({ model, trainer }: ResolvedStudyConfig): ConfigProblem[] {
  const { initFrom } = model;
  if (initFrom === undefined || trainer.kind !== 'embedded' || exists(join(initFrom, 'model.json'))) return [];
  const message = `model.initFrom ${initFrom} has no model.json; name the folder of a zoo model, relative to this file (autopilot models list)`;
  return [{ path: ['model', 'initFrom'], message }];
}

function decisionFits({ decision, baseline }: ResolvedStudyConfig): ConfigProblem[] {
  if (decision.rule !== 'nonInferiority' || baseline.seeds >= 2) return [];
  const field = baseline.n === undefined ? 'seeds' : 'n';
  return [
    {
      path: ['baseline', field],
      message: `baseline.${field} is ${baseline.seeds}, but the rule nonInferiority needs a spread; give at least 2 (5 by default), or use the rule thesis`,
    },
  ];
}

function baselineFits({ baseline, decision }: ResolvedStudyConfig): ConfigProblem[] {
  return (baseline.runs ?? []).flatMap((run, index) => {
    const path = ['baseline', 'runs', index];
    const missing = metricNames(decision).filter((metric) => run[metric] === undefined);
    const wrong = outsideBounds(decision, run);
    if (missing.length > 0) {
      return [
        {
          path,
          message: `baseline.runs[${index}] has no ${missing.join(', ')}; add it, or leave it out of decision.metrics`,
        },
      ];
    }
    return wrong === null ? [] : [{ path, message: `baseline.runs[${index}].${wrong}` }];
  });
}

/** A given baseline has no runs here that could be trained longer. */
function extensionFits({ baseline }: ResolvedStudyConfig): ConfigProblem[] {
  const given = baseline.runs !== undefined ? 'runs' : baseline.mean !== undefined ? 'mean' : null;
  if (baseline.extend !== 'check' || given === null) return [];
  const message = `baseline.extend is check, but baseline.${given} gives results that were not trained here, so they cannot be trained longer; leave out baseline.${given}, or baseline.extend`;
  return [{ path: ['baseline', 'extend'], message }];
}

function notifiesSomeone({ notify }: ResolvedStudyConfig): ConfigProblem[] {
  if (notify === undefined || (notify.webhook ?? notify.email ?? notify.command) !== undefined) return [];
  return [{ path: ['notify'], message: 'notify has no recipient; give it webhook, email or command, or leave it out' }];
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
