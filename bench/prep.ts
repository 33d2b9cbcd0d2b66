/**
 * Throughput of `autopilot prep` compared with nibabel + SciPy doing the same work on the same machine:
 *
 *     npm run bench -- prep [rounds] [size] [slices] [DECATHLON_FOLDER]
 *
 * Without a folder, it uses the volumes that `test/imgmed/make-decathlon.py` lays out (Debian's mricron-data). The
 * compiled program is measured, with one worker and with two. Rounds alternate; medians and their ratios are printed.
 * The cache is empty in each round; process start-up is excluded on both sides, worker start-up is not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepConfig } from '../src/config/sections/prep.ts';
import { countsFrom } from './support/counts.ts';
import { median } from './support/median.ts';

const { rounds, size, slices } = countsFrom({ rounds: 5, size: 256, slices: 70 }, process.argv.slice(2, 5));
const given = process.argv[5];
const compiled = new URL('../dist/src/imgmed/prep/run-prep.js', import.meta.url).href;
const { runPrep } = (await import(compiled)) as typeof import('../src/imgmed/prep/run-prep.ts');
const folder = mkdtempSync(join(tmpdir(), 'prep-bench-'));
const input = given ?? makeDecathlon();
const script = new URL('./prep-nibabel.py', import.meta.url).pathname;
const workerCounts = [1, 2];
const seconds = workerCounts.map((workers) => ({ workers, prep: [] as number[], nibabel: [] as number[] }));

function makeDecathlon(): string {
  const task = join(folder, 'task');
  const program = new URL('../test/imgmed/make-decathlon.py', import.meta.url).pathname;
  execFileSync('/usr/bin/python3', [program, task], { stdio: ['ignore', 'ignore', 'inherit'] });
  return task;
}

async function timePrep(workers: number, output: string): Promise<number> {
  const started = performance.now();
  await runPrep(
    prepConfig.parse({
      input,
      output,
      orientation: 'keep',
      antialias: false,
      slices: { plane: 'sagittal', count: slices },
      size: { height: size, width: size, fit: 'stretch' },
      split: { train: 3, validation: 0, test: 1 },
    }),
    { workers },
  );
  return (performance.now() - started) / 1000;
}

for (let round = 0; round < rounds; round++) {
  for (const { workers, prep, nibabel } of seconds) {
    const output = join(folder, `${workers}-${round}`);
    prep.push(await timePrep(workers, output));
    rmSync(output, { recursive: true });
    const answer = execFileSync('/usr/bin/python3', [
      script,
      input,
      output,
      String(size),
      String(slices),
      String(workers),
    ]);
    nibabel.push(Number(answer.toString()));
    rmSync(output, { recursive: true });
  }
}
rmSync(folder, { recursive: true });
for (const { workers, prep, nibabel } of seconds) {
  const [ours, theirs] = [median(prep), median(nibabel)];
  console.log(
    `${workers} worker${workers > 1 ? 's' : ''}: prep ${ours.toFixed(2)} s, nibabel + SciPy ${theirs.toFixed(2)} s, ratio ${(ours / theirs).toFixed(2)}`,
  );
}
console.log(`medians of ${rounds} rounds; peak memory of prep ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
console.log(JSON.stringify(seconds));
