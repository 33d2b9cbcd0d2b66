import { availableParallelism } from 'node:os';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { ownFile } from '../../protocol/own-file.ts';
import { mostClasses } from '../class-map.ts';
import type { CaseList, ScanCase } from '../datasets/case-list.ts';
import { type ReadCaseListOptions, readCaseList } from '../datasets/read-case-list.ts';
import { bytesOf } from '../reading/file-format.ts';
import { runInWorkers } from '../workers/worker-pool.ts';
import type { LabelCounts, ScanFacts } from './case-facts.ts';
import type { CheckCaseOptions } from './check-case.ts';
import { drawCase } from './draw-case.ts';
import type { CaseReport, Finding } from './finding.ts';

export interface CheckDatasetOptions extends ReadCaseListOptions {
  /** Folder for overlay pictures. */
  pictures: string;
  /** Draw every case, not only those with findings. */
  illustrate?: boolean;
  toleranceMm?: number;
  /** Seconds after which a case counts as hung. */
  caseTimeoutS?: number;
  workers?: number;
  onCase?: (done: number, total: number, id: string) => void;
}

export interface DatasetReport {
  layout: CaseList['layout'];
  name: string;
  cases: number;
  findings: Finding[];
  /** Statistics of the readable cases. */
  facts: CaseFacts[];
}

export interface CaseFacts extends Omit<ScanFacts, 'hash'> {
  id: string;
  labels: LabelCounts;
  picture: string | null;
}

/** Reads every case of a data set and reports what would go wrong in training. */
export async function checkDataset(folder: string, options: CheckDatasetOptions): Promise<DatasetReport> {
  const {
    pictures,
    illustrate = false,
    toleranceMm = 0.01,
    caseTimeoutS = 300,
    workers = availableParallelism(),
    onCase,
  } = options;
  const list = await readCaseList(folder, options);
  makeFolder(pictures);
  let done = 0;
  const results = await runInWorkers<CheckCaseOptions, CaseReport>({
    script: ownFile('imgmed/check/check-worker'),
    tasks: list.cases.map((scanCase) => ({
      scanCase,
      labels: list.labels.map(({ value }) => value),
      channels: list.channels.length,
      pictures,
      illustrate,
      toleranceMm,
    })),
    workers,
    timeoutMs: caseTimeoutS * 1000,
    sizeOf: ({ scanCase }) => bytesOf(scanCase.images),
    onResult: (_, index) => onCase?.(++done, list.cases.length, list.cases[index]!.id),
  });
  const reports = results.map((result, index): CaseReport => {
    if (result.state === 'done') return result.value;
    const { id, images } = list.cases[index]!;
    const sentence = `${id}: ${images[0]} cannot be read: ${result.reason}; replace it with an intact copy`;
    return {
      id,
      ...{ scan: null, labels: null, picture: null },
      findings: [{ kind: 'unreadable', severity: 'error', cases: [id], sentence, picture: null }],
    };
  });
  const layout = list.problems.map(
    (sentence): Finding => ({ kind: 'layout', severity: 'warning', cases: [], sentence, picture: null }),
  );
  for (const sentence of list.shortfalls)
    layout.push({ kind: 'layout', severity: 'error', cases: [], sentence, picture: null });
  const refused = list.refused.map(
    ({ id, reason }): Finding => ({
      kind: 'caseRefused',
      severity: 'error',
      cases: [id],
      sentence: `case ${id} ${reason}`,
      picture: null,
    }),
  );
  const unmasked = list.cases.filter(({ mask, part }) => mask === null && part !== 'test').map(({ id }) => id);
  if (unmasked.length > 0) {
    const severity = unmasked.length < list.cases.length ? 'error' : 'warning';
    const sentence = `${shortList(unmasked)} ${unmasked.length === 1 ? 'has' : 'have'} no mask (beside the scan, with mask, label, seg or gt in its name, or in a folder of masks); add it, or take the scan out`;
    layout.push({ kind: 'noMask', severity, cases: unmasked, sentence, picture: null });
  }
  if (list.cases.length === 0) {
    const sentence = 'no case can be read from this folder; see the findings about its layout';
    layout.push({ kind: 'noCases', severity: 'error', cases: [], sentence, picture: null });
  }
  if (list.undecidedLabels !== null) {
    layout.push({ kind: 'labels', severity: 'warning', cases: [], sentence: list.undecidedLabels, picture: null });
  }
  if (list.labels.length > mostClasses) {
    const sentence = `${list.labels.length} labels are declared, but at most ${mostClasses} classes can be trained; merge some under "classes" in the prep config`;
    layout.push({ kind: 'labels', severity: 'warning', cases: [], sentence, picture: null });
  }
  const across = await illustrated(
    [...acrossCases(list.cases, reports), ...(list.labels.length > 1 ? [] : differentValues(reports))],
    list.cases,
    pictures,
  );
  const findings = [...layout, ...refused, ...reports.flatMap((report) => report.findings), ...across];
  const facts = reports.flatMap(({ id, scan, labels, picture }) => {
    if (scan === null) return [];
    const { hash: _, ...rest } = scan;
    return [{ id, ...rest, labels, picture }];
  });
  return { layout: list.layout, name: list.name, cases: list.cases.length, findings, facts };
}

/** Draws the first case of each finding that can be drawn. */
async function illustrated(
  findings: readonly Finding[],
  cases: readonly ScanCase[],
  pictures: string,
): Promise<Finding[]> {
  const drawn: Finding[] = [];
  for (const finding of findings) {
    const scanCase = cases.find(({ id }) => id === finding.cases[0]);
    const picture = scanCase === undefined ? null : await drawCase(scanCase, pictures, finding.kind);
    drawn.push({ ...finding, picture });
  }
  return drawn;
}

/** Findings that only show when cases are compared. */
export function acrossCases(cases: readonly ScanCase[], reports: readonly CaseReport[]): Finding[] {
  const readable = reports.flatMap(({ id, scan }) => (scan === null ? [] : [{ id, scan }]));
  const findings: Finding[] = [];
  const add = (kind: string, severity: Finding['severity'], ids: string[], sentence: string) =>
    findings.push({ kind, severity, cases: ids, sentence, picture: null });

  for (const same of groups(readable, ({ scan }) => scan.hash).filter((group) => group.length > 1)) {
    const ids = same.map(({ id }) => id);
    add(
      'duplicateScan',
      'error',
      ids,
      `${ids.join(' and ')} are the same scan, voxel for voxel; keep one, or a copy may end up in the test split`,
    );
  }
  for (const group of groups(cases, ({ patient }) => patient)) {
    const parts = new Set(group.map(({ part }) => part));
    if (!parts.has('train') || !parts.has('test')) continue;
    const ids = group.map(({ id }) => id);
    add(
      'patientInSplits',
      'error',
      ids,
      `patient ${group[0]!.patient} is in training and in test (${ids.join(', ')}); move all of one patient's scans to one side`,
    );
  }
  const byOrientation = groups(readable, ({ scan }) => scan.orientation).sort((a, b) => b.length - a.length);
  for (const group of byOrientation.slice(1)) {
    const [usual, other] = [byOrientation[0]![0]!.scan.orientation, group[0]!.scan.orientation];
    const ids = group.map(({ id }) => id);
    add(
      'orientation',
      'warning',
      ids,
      `${shortList(ids)}: axes ${other}, while most scans have ${usual}; "orientation" in the prep config aligns them all, if the headers are right`,
    );
  }
  const middle = median(readable.map(({ scan }) => volumeOf(scan.spacingMm)));
  const far = readable.filter(({ scan }) => Math.abs(Math.log(volumeOf(scan.spacingMm) / middle)) > Math.log(4));
  if (far.length > 0) {
    const ids = far.map(({ id }) => id);
    add(
      'spacing',
      'warning',
      ids,
      `${shortList(ids)}: voxels are more than 4 times larger or smaller than the usual ones; set "spacingMm" in the prep config, and check that the header's spacing is right`,
    );
  }
  return findings;
}

/** Masks of 0 and 1 beside masks of 0 and 255: each is readable alone, but `prep` does not guess that they match. */
function differentValues(reports: readonly CaseReport[]): Finding[] {
  const alone = reports.flatMap(({ id, labels }) => {
    const values = (labels ?? []).map(({ value }) => value).filter((value) => value !== 0);
    return values.length === 1 && Number.isInteger(values[0]) ? [{ id, value: values[0]! }] : [];
  });
  const first = groups(alone, ({ value }) => String(value)).map((group) => group[0]!);
  if (first.length < 2) return [];
  const where = first.slice(0, 4).map(({ id, value }) => `${value} in ${id}`);
  const sentence = `the masks hold different label values (${where.join(', ')}), and nothing says what they stand for; name them under "classes" in the prep config`;
  return [{ kind: 'labels', severity: 'warning', cases: first.map(({ id }) => id), sentence, picture: null }];
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found.values()];
}

function shortList(ids: readonly string[]): string {
  return ids.length <= 4 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}

function volumeOf(spacingMm: readonly number[]): number {
  return spacingMm.reduce((product, length) => product * length, 1);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 1;
}
