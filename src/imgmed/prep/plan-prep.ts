import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { type ClassMap, classMapOf } from '../class-map.ts';
import type { CaseList, ScanCase } from '../datasets/case-list.ts';
import { readCaseList } from '../datasets/read-case-list.ts';
import { type PatientSplit, splitPatients } from '../split-patients.ts';
import type { PrepSettings } from './prep-settings.ts';
import type { PrepareCaseOptions } from './prepare-case.ts';

/** What `prep` will do, planned before any scan is read. */
export interface PrepPlan {
  list: CaseList;
  /** Cases with a mask. */
  cases: ScanCase[];
  /** Cases left out, each with its reason. */
  left: { id: string; reason: string }[];
  division: PatientSplit;
  /** Warnings about the folder, one sentence each. */
  problems: string[];
  classMap: ClassMap;
  /** One for each of `cases`. */
  tasks: PrepareCaseOptions[];
}

/** Reads the data set's layout and plans `prep`; throws if the config cannot be followed. */
export async function planPrep(config: PrepSettings): Promise<PrepPlan> {
  const list = await readCaseList(config.input, config);
  if (list.undecidedLabels !== null && config.classes === undefined) {
    throw new AutopilotError('prep.classes', `${config.input}: ${list.undecidedLabels}`);
  }
  const cases = list.cases.filter(({ mask }) => mask !== null);
  if (cases.length === 0) {
    const [refused] = list.refused;
    const why =
      refused === undefined
        ? ([...list.problems, ...list.shortfalls][0] ?? 'add masks')
        : `case ${refused.id} ${refused.reason}`;
    throw new AutopilotError('prep.noCases', `${config.input}: no scan has a mask; ${why}`);
  }
  const left = [...list.refused, ...withoutMask(list)];
  if (config.failedCases === 'stop' && left.length > 0) throw failed(left[0]!, left[0]!.reason);
  if (config.failedCases === 'stop' && list.shortfalls.length > 0) {
    throw new AutopilotError('prep.caseFailed', `${config.input}: ${list.shortfalls[0]}`);
  }
  const division = splitPatients(cases, { ...config.split, seed: config.seed });
  const classMap = classMapOf(config.classes, list.labels);
  const tasks = cases.map((scanCase): PrepareCaseOptions => {
    const training = division.patients[scanCase.patient] === 'train';
    const copies = training ? (config.augment?.copies ?? 0) : 0;
    return { scanCase, config, classMap, channelNames: list.channels, copies };
  });
  const problems = [...list.problems, ...placedByFolder(cases, division)];
  return { list, cases, left, division, problems, classMap, tasks };
}

/** Warnings about cases whose part was set by a folder's name and not by `split`. */
function placedByFolder(cases: readonly ScanCase[], { patients }: PatientSplit): string[] {
  return (['validation', 'test'] as const).flatMap((named) => {
    const placed = cases.filter(({ part, patient }) => part === named && patients[patient] === named);
    const followed = cases.filter(
      ({ part, patient }) => part !== named && placed.some((other) => other.patient === patient),
    );
    return [
      ...placed
        .slice(0, 1)
        .map(
          ({ id }) => `${count(placed.length, 'case')} put in the ${named} part by the folder's name, such as ${id}`,
        ),
      ...followed
        .slice(0, 1)
        .map(
          ({ id, patient }) =>
            `${count(followed.length, 'case')} from other folders put in the ${named} part too, such as ${id}: its patient ${patient} is there by the folder's name`,
        ),
    ];
  });
}

/** Cases that lack a mask; those in a test folder need none. */
function withoutMask({ cases }: CaseList): { id: string; reason: string }[] {
  return cases
    .filter(({ mask, part }) => mask === null && part !== 'test')
    .map(({ id }) => ({ id, reason: 'has no mask; add it, or take the scan out' }));
}

export function failed({ id }: { id: string }, reason: string): AutopilotError {
  return new AutopilotError('prep.caseFailed', `case ${id}: ${reason}`);
}
