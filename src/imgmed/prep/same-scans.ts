import type { ScanCase } from '../datasets/case-list.ts';
import { groupedBy } from '../datasets/grouped-by.ts';
import { type SplitName, splitNames } from '../split-patients.ts';

export interface SameScans {
  /** Copies of a scan that a later part validates or tests on: they must not be trained on. */
  left: { id: string; reason: string }[];
  /** Copies within one part. One sentence each. */
  problems: string[];
}

/**
 * Finds scans that appear under several names. If copies are in different parts, those in the latest part stay (test
 * over validation over training): a test on training data measures nothing.
 */
export function sameScans(
  cases: readonly { scanCase: Pick<ScanCase, 'id' | 'patient'>; voxelHash: string }[],
  patients: Readonly<Record<string, SplitName>>,
): SameScans {
  const found: SameScans = { left: [], problems: [] };
  for (const copies of groupedBy(cases, ({ voxelHash }) => voxelHash).values()) {
    const parts = copies.map(({ scanCase }) => ({ id: scanCase.id, part: patients[scanCase.patient]! }));
    const held = splitNames.findLast((name) => parts.some(({ part }) => part === name));
    const [first, ...others] = parts.filter(({ part }) => part === held);
    if (first === undefined) continue;
    if (others.length > 0) {
      const ids = [first, ...others].map(({ id }) => id).join(' and ');
      found.problems.push(`${ids} are the same scan, voxel for voxel, and all in the ${held} part; keep one`);
    }
    for (const { id, part } of parts) {
      if (part === held) continue;
      const reason = `is the same scan, voxel for voxel, as ${first.id} of the ${held} part; it is left out of the ${part} part, or the ${held} part would measure what was trained on`;
      found.left.push({ id, reason });
    }
  }
  return found;
}
