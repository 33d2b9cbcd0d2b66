import { Command, InvalidArgumentError } from 'commander';
import type { Colors } from 'picocolors/types.js';
import { most } from '../../config/sections/bounds.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { wrap } from '../../report/tables/text-width.ts';
import { type Check, type CheckState, isBroken } from '../doctor/check.ts';
import { computeChecks } from '../doctor/compute.ts';
import { machineChecks } from '../doctor/machine.ts';
import { storeChecks } from '../doctor/store.ts';
import { toolChecks } from '../doctor/tools.ts';
import { exitCodes } from '../exit-codes.ts';
import { printFitted, printJson, textOptions } from '../output.ts';
import { projectOption } from '../project-option.ts';
import { wholeNumber } from '../whole-number.ts';

interface Options {
  project: string;
  json?: true;
  speed: boolean;
  workers?: number;
  study?: string;
  model?: string;
  stepSeconds?: number;
  network?: string;
  measure?: true;
  repair?: true;
  dryRun?: true;
  config?: string;
}

export function command(): Command {
  return new Command('doctor')
    .description('Checks this machine: what autopilot can use, what is missing, and how to get it.')
    .addOption(projectOption())
    .option('--json', 'print JSON')
    .option('--no-speed', 'do not measure the compute back ends')
    .option('--repair', 'instead: rebuild a database that is damaged, lost, or older than its runs')
    .option('--dry-run', 'with --repair: say what would come back and what would not; change nothing')
    .option('--config <file>', 'with --repair: the config of a study that has nothing else left')
    .option(
      '--workers <n>',
      'instead: is it worth training on this many workers?',
      wholeNumber({ limit: most.workers }),
    )
    .option('--study <name>', 'with --workers: use the step time that this study measured')
    .option('--model <which>', 'with --workers: unet, fcn, or a number of parameters')
    .option('--step-seconds <s>', 'with --workers: seconds per step of one worker', seconds)
    .option('--network <name>', 'with --workers: one network, such as "10 gigabit Ethernet"')
    .option('--measure', "with --workers: measure this machine's step time and network")
    .addHelpText(
      'after',
      '\nExit code 0 unless something essential is broken; with --repair, unless\nsomething is lost.',
    )
    .action(async ({ project, json, speed, workers, repair, dryRun, config, ...scaling }: Options) => {
      if (repair !== true && (dryRun !== undefined || config !== undefined))
        throw new AutopilotError(
          'usage.doctor',
          '--dry-run and --config belong to --repair: autopilot doctor --repair',
        );
      if (repair === true) {
        // Imported only here because it pulls in the engine.
        const { repairProject, repairText } = await import('../doctor/repair.ts');
        const done = repairProject({ project, config, dryRun: dryRun === true });
        if (json) printJson(done);
        else printFitted(repairText(done, textOptions().width));
        if (done.lost.length > 0) process.exitCode = exitCodes.error;
        return;
      }
      if (workers !== undefined) {
        // Imported only here because it pulls in the trainer.
        const { adviseScaling, scalingAdviceText } = await import('../doctor/scaling.ts');
        const report = await adviseScaling({ measure: false, ...scaling, project, workers });
        if (json) printJson(report);
        else printFitted(scalingAdviceText(report, textOptions()));
        return;
      }
      const [store, tools] = await Promise.all([storeChecks(project), toolChecks()]);
      const compute = await computeChecks(speed ? 1000 : 0);
      const checks = [...machineChecks(project), ...store, ...tools, ...compute];
      const healthy = !checks.some(isBroken);
      if (json) printJson({ healthy, checks });
      else printFitted(doctorText(checks, textOptions()));
      if (!healthy) process.exitCode = exitCodes.error;
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('Give seconds above 0.');
  return value;
}

const marks: Record<CheckState, string> = { ok: '\u2713', warning: '!', missing: '\u2013', broken: '\u2717' };

function doctorText(checks: readonly Check[], { width, colors }: { width: number; colors: Colors }): string {
  const paint: Record<CheckState, (text: string) => string> = {
    ok: colors.green,
    warning: colors.yellow,
    missing: colors.dim,
    broken: colors.red,
  };
  const nameWidth = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat(nameWidth + 4);
  const lines = checks.flatMap(({ name, state, detail, fix }) => {
    const text = wrap(detail, Math.max(20, width - nameWidth - 4));
    const advice = fix === null ? [] : wrap(fix, Math.max(20, width - nameWidth - 4)).map(colors.dim);
    const [first = '', ...rest] = [...text, ...advice];
    return [`${paint[state](marks[state])} ${name.padEnd(nameWidth)}  ${first}`, ...rest.map((line) => indent + line)];
  });
  const broken = checks.filter(isBroken).map(({ name }) => name);
  const verdict =
    broken.length === 0 ? colors.green('Everything essential works.') : colors.red(`Broken: ${broken.join(', ')}.`);
  return [...lines, '', verdict].join('\n');
}
