import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { labelProblem, manyValues } from '../class-map.ts';
import type { ScanCase } from '../datasets/case-list.ts';
import { loadMask, loadScan } from '../load-case.ts';
import { orientationOf } from '../volume/orientation.ts';
import { geometryDifference, type Volume } from '../volume/volume.ts';
import { labelCounts, scanFacts } from './case-facts.ts';
import { picturePath } from './draw-case.ts';
import type { CaseReport, Finding } from './finding.ts';
import { writeOverlay } from './overlay.ts';

export interface CheckCaseOptions {
  scanCase: ScanCase;
  /** Declared label values; empty: any. */
  labels: number[];
  /** Channels every case should have; 0: any. */
  channels: number;
  /** Where overlay pictures go. */
  pictures: string;
  /** Draw the case even without findings. */
  illustrate: boolean;
  toleranceMm: number;
}

/** Checks one case on its own, without comparing it with others. */
export async function checkCase({
  scanCase,
  labels,
  channels,
  pictures,
  illustrate,
  toleranceMm,
}: CheckCaseOptions): Promise<CaseReport> {
  const { id, mask: maskFile } = scanCase;
  const findings: Finding[] = [];
  const add = (kind: string, severity: Finding['severity'], sentence: string, picture: string | null = null) =>
    findings.push({ kind, severity, cases: [id], sentence: `${id}: ${sentence}`, picture });
  let scan: Volume | null = null;
  let mask: Volume | null = null;
  try {
    scan = await loadScan(scanCase);
  } catch (error) {
    add('unreadable', 'error', messageOf(error));
  }
  try {
    if (maskFile !== null) mask = await loadMask(maskFile, scan);
  } catch (error) {
    const channels = error instanceof AutopilotError && error.code === 'image.maskChannels';
    add(channels ? 'labels' : 'unreadable', 'error', messageOf(error));
  }
  const draw = async (kind: string, marked?: (value: number) => boolean): Promise<string | null> => {
    if (scan === null) return null;
    const path = picturePath(pictures, id, kind);
    await writeOverlay(path, { scan, mask, ...(marked === undefined ? {} : { marked }) });
    return path;
  };
  for (const note of [...(scan?.notes ?? []), ...(mask?.notes ?? []).map((sentence) => `its mask: ${sentence}`)]) {
    add('header', 'warning', note);
  }
  if (scan !== null) {
    const odd = countUnusable(scan.data);
    if (odd > 0) {
      const picture = await draw('notFinite', (value) => !Number.isFinite(value));
      add(
        'notFinite',
        'error',
        `${odd} voxels are NaN or infinite; replace them (with 0, or the scan's minimum) or leave the case out`,
        picture,
      );
    } else if (isConstant(scan.data)) {
      add(
        'constant',
        'warning',
        `every voxel is ${scan.data[0]}; the export of this scan probably failed, export it again`,
        await draw('constant'),
      );
    }
    if (channels > 0 && scan.channels !== channels) {
      add(
        'channels',
        'error',
        `has ${count(scan.channels, 'channel')}, the data set declares ${channels}; add the missing one or correct dataset.json`,
        await draw('channels'),
      );
    }
  }
  if (mask !== null) {
    const values = new Set<number>();
    for (let index = 0; index < mask.data.length && values.size < 1000; index++) values.add(mask.data[index]!);
    const declared = (labels.length > 1 ? labels : [0]).map((value): [number, number] => [value, 0]);
    const problem = labelProblem(
      [...values].sort((a, b) => a - b),
      { values: declared, others: labels.length > 1 ? 'refuse' : 1 },
    );
    if (problem !== null) {
      const severity =
        labels.length > 1 || values.size > manyValues || [...values].some((v) => !Number.isInteger(v))
          ? 'error'
          : 'warning';
      add('labels', severity, `the mask ${problem}`, await draw('labels'));
    }
    if (values.size === 1 && values.has(0)) {
      add(
        'emptyMask',
        'warning',
        'the mask is empty; check that the structure is really absent, else segment it',
        await draw('emptyMask'),
      );
    }
  }
  if (scan !== null && mask !== null) {
    const difference = geometryDifference(scan, mask, toleranceMm);
    if (difference !== null) {
      const [a, b] = [orientationOf(scan), orientationOf(mask)];
      const turned = a === b ? '' : ` (axes ${a} and ${b})`;
      add(
        'geometry',
        'error',
        `scan and mask are not on the same grid: ${difference}${turned}; resample the mask onto the scan, with nearest neighbour`,
        await draw('geometry'),
      );
    }
  }
  return {
    id,
    findings,
    scan: scan === null ? null : scanFacts(scan, mask),
    labels: mask === null ? null : labelCounts(mask),
    picture: illustrate ? await draw('overview') : null,
  };
}

function countUnusable(data: Volume['data']): number {
  let count = 0;
  for (let index = 0; index < data.length; index++) if (!Number.isFinite(data[index])) count += 1;
  return count;
}

function isConstant(data: Volume['data']): boolean {
  for (let index = 1; index < data.length; index++) if (data[index] !== data[0]) return false;
  return true;
}
