import { Command } from 'commander';
import type { Colors } from 'picocolors/types.js';
import { wrap } from '../../report/text-width.ts';
import { type Check, type CheckState, isBroken } from '../doctor-check.ts';
import { computeChecks } from '../doctor-compute.ts';
import { machineChecks } from '../doctor-machine.ts';
import { storeChecks } from '../doctor-store.ts';
import { toolChecks } from '../doctor-tools.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson, printText, textOptions } from '../output.ts';
import { projectOption } from '../project.ts';

export function command(): Command {
  return new Command('doctor')
    .description('Checks this machine: what autopilot can use, what is missing, and how to get it.')
    .addOption(projectOption())
    .option('--json', 'print JSON')
    .option('--no-speed', 'do not measure the compute back ends')
    .addHelpText('after', '\nExit code 0 unless something essential is broken.')
    .action(async ({ project, json, speed }: { project: string; json?: true; speed: boolean }) => {
      const [store, tools] = await Promise.all([storeChecks(project), toolChecks()]);
      const compute = await computeChecks(speed ? 1000 : 0);
      const checks = [...machineChecks(project), ...store, ...tools, ...compute];
      const healthy = !checks.some(isBroken);
      if (json) printJson({ healthy, checks });
      else printText(doctorText(checks, textOptions()));
      if (!healthy) process.exitCode = exitCodes.error;
    });
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
