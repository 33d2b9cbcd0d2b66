import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import type { CheckCaseOptions } from '../../../src/imgmed/check/check-case.ts';
import type { CaseReport } from '../../../src/imgmed/check/finding.ts';
import { runInWorkers } from '../../../src/imgmed/workers/worker-pool.ts';
import { writeDamagedFiles, writeIntactFiles } from '../damaged-files.ts';

it('reads every intact format, and refuses damaged files by name without losing the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
  try {
    const intact = await writeIntactFiles(join(folder, 'intact'));
    const damaged = writeDamagedFiles(intact, join(folder, 'damaged'), 80, 3);
    const files = [...damaged, ...intact];
    const results = await runInWorkers<CheckCaseOptions, CaseReport>({
      script: new URL('../../../src/imgmed/check/check-worker.ts', import.meta.url),
      tasks: files.map((file) => ({
        scanCase: { id: basename(file), patient: 'p', images: [file], mask: null, part: null },
        labels: [],
        channels: 0,
        pictures: folder,
        illustrate: false,
        toleranceMm: 0.01,
      })),
      workers: 2,
      timeoutMs: 30_000,
    });
    expect(results).toHaveLength(files.length);
    let refused = 0;
    for (const [index, result] of results.entries()) {
      if (result.state === 'failed' || result.value.scan !== null) continue;
      refused += 1;
      expect(result.value.findings.map(({ sentence }) => sentence).join()).toContain(basename(files[index]!));
    }
    expect(refused).toBeGreaterThan(30);
    for (const result of results.slice(damaged.length)) {
      expect(result.state === 'done' && result.value.scan !== null, JSON.stringify(result)).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
