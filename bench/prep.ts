/**
 * Throughput of `autopilot prep` beside nibabel + SciPy doing the same work on the same machine:
 *
 *     npx tsx bench/prep.ts DECATHLON_FOLDER [rounds] [size] [slices]
 *
 * The folder is what `test/imgmed/make-decathlon.py` writes. Rounds alternate; medians and their ratio are printed.
 * The cache is empty in each round; process start-up is left out on both sides, worker start-up is not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepConfig } from '../src/config/prep.ts';
import { runPrep } from '../src/imgmed/prep/run-prep.ts';

const [input = '', rounds = '5', size = '256', slices = '70'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'prep-bench-'));
const script = new URL('./prep-nibabel.py', import.meta.url).pathname;
const seconds: { prep: number[]; nibabel: number[] } = { prep: [], nibabel: [] };
for (let round = 0; round < Number(rounds); round++) {
  const output = join(folder, `prep-${round}`);
  const started = performance.now();
  await runPrep(
    prepConfig.parse({
      input,
      output,
      orientation: 'keep',
      antialias: false,
      slices: { plane: 'sagittal', count: Number(slices) },
      size: { height: Number(size), width: Number(size), fit: 'stretch' },
      split: { train: 3, validation: 0, test: 1 },
    }),
    { workers: 2 },
  );
  seconds.prep.push((performance.now() - started) / 1000);
  const answer = execFileSync('/usr/bin/python3', [script, input, join(folder, `nibabel-${round}`), size, slices, '2']);
  seconds.nibabel.push(Number(answer.toString()));
}
rmSync(folder, { recursive: true });
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const [ours, theirs] = [median(seconds.prep), median(seconds.nibabel)];
console.log(
  `prep ${ours.toFixed(2)} s, nibabel + SciPy ${theirs.toFixed(2)} s, ratio ${(ours / theirs).toFixed(2)} (medians of ${rounds}; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB)`,
);
console.log(JSON.stringify(seconds));
