/**
 * Reads thousands of damaged scans and reports the outcomes:
 *
 *     npx tsx bench/prep-fuzz.ts [count] [seed]
 *
 * "died" and "hung" cost one worker thread each and nothing else; every refusal should name its file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { CheckCaseOptions } from '../src/imgmed/check/check-case.ts';
import type { CaseReport } from '../src/imgmed/check/finding.ts';
import { runInWorkers } from '../src/imgmed/workers/worker-pool.ts';
import { writeDamagedFiles, writeIntactFiles } from '../test/imgmed/damaged-files.ts';
import { countsFrom } from './support/counts.ts';

const { count, seed } = countsFrom({ count: 4000, seed: 1 });
const folder = mkdtempSync(join(tmpdir(), 'prep-fuzz-'));
const files = writeDamagedFiles(await writeIntactFiles(join(folder, 'intact')), join(folder, 'damaged'), count, seed);
const started = performance.now();
const tally: Record<string, Record<string, number>> = {};
const unnamed: string[] = [];
const results = await runInWorkers<CheckCaseOptions, CaseReport>({
  script: new URL('../src/imgmed/check/check-worker.ts', import.meta.url),
  tasks: files.map((file) => ({
    scanCase: { id: basename(file), patient: 'p', images: [file], mask: null, part: null },
    labels: [],
    channels: 0,
    pictures: folder,
    illustrate: false,
    toleranceMm: 0.01,
  })),
  workers: 2,
  timeoutMs: 20_000,
});
for (const [index, result] of results.entries()) {
  const file = files[index]!;
  const format = basename(file).replace(/^[^.]*\./, '');
  tally[format] ??= { read: 0, refused: 0, died: 0, hung: 0 };
  const row = tally[format];
  if (result.state === 'failed') row[/no answer/.test(result.reason) ? 'hung' : 'died']! += 1;
  else if (result.value.scan !== null) row['read']! += 1;
  else {
    row['refused']! += 1;
    if (!result.value.findings.some(({ sentence }) => sentence.includes(basename(file)))) unnamed.push(file);
  }
}
console.table(tally);
console.log(
  `${count} files in ${((performance.now() - started) / 1000).toFixed(1)} s; refused without naming the file: ${unnamed.length}; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
);
rmSync(folder, { recursive: true });
