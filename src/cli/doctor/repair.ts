import { join, resolve } from 'node:path';
import { loadStudyConfig } from '../../config/load.ts';
import { type Repair, repairStore } from '../../engine/repair/repair-store.ts';
import { wrap } from '../../report/tables/text-width.ts';
import { storeFileName } from '../project-option.ts';

export interface RepairedProject extends Repair {
  file: string;
  dryRun: boolean;
}

export interface RepairProjectOptions {
  project: string;
  /** A study's config file. */
  config: string | undefined;
  dryRun: boolean;
}

export function repairProject({ project, config, dryRun }: RepairProjectOptions): RepairedProject {
  const folder = resolve(project);
  const file = join(folder, storeFileName);
  const study = config === undefined ? null : loadStudyConfig(config).config;
  return { file, dryRun, ...repairStore({ project: folder, file, config: study, dryRun }) };
}

/** Maximum number of items shown of a list. */
const mostShown = 20;

export function repairText({ file, dryRun, ...done }: RepairedProject, width: number): string {
  if (done.problem === null) return `${file} is sound: there is nothing to repair.`;
  const studies = done.studies.map(
    ({ name, ...has }) =>
      `  ${name}: ${Object.entries(has)
        .map(([what, number]) => `${number} ${what}`)
        .join(', ')}`,
  );
  const lines = [
    done.problem,
    '',
    dryRun ? 'Can be rebuilt (nothing was changed):' : 'Rebuilt:',
    ...studies,
    ...listed("From the journal, where the database's copy is damaged or missing:", done.righted),
    ...listed('Reconstructed from other data:', done.made),
    ...listed(dryRun ? 'Would be lost:' : 'Lost:', done.lost),
    ...(dryRun ? [] : listed('Kept beside it:', done.kept)),
    '',
    done.lost.length === 0
      ? 'Nothing is lost.'
      : `${done.lost.length === 1 ? '1 thing is' : `${done.lost.length} things are`} lost.`,
    dryRun ? 'Do it with: autopilot doctor --repair' : 'Continue with: autopilot resume',
  ];
  return lines.flatMap(wrapped).join('\n');

  function wrapped(line: string): string[] {
    const indent = /^ */.exec(line)?.[0] ?? '';
    return line === '' ? [''] : wrap(line.trim(), width - indent.length).map((part) => indent + part);
  }
}

function listed(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, mostShown).map((item) => `  ${item}`);
  return ['', title, ...shown, ...(items.length > mostShown ? [`  and ${items.length - mostShown} more`] : [])];
}
