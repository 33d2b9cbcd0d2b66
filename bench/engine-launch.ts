/**
 * The compiled engine's own time from a study's file to its first launch, for U-Net and FCN on both example data sets,
 * each in a fresh process; and the whole of `autopilot run`, from its start to the first command of a trainer. Run with
 * `npm run bench -- engine-launch`; writes bench/results/engine-launch-PROCESSOR.json.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { countsFrom } from './support/counts.ts';
import { writeResults } from './support/write-results.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
if (build.status !== 0) throw new Error('the build failed');

/** Fresh processes per case; cases alternate, so that other load on the machine affects all alike. */
const { rounds } = countsFrom({ rounds: 9 });
const folder = mkdtempSync(join(tmpdir(), 'engine-launch-'));
const cases = ['unet', 'fcn'].flatMap((architecture) =>
  ['cerebellum', 'atrium'].map((data) => ({ architecture, data, times: [] as Times[] })),
);

interface Times {
  /** From reading the study's file to the call of the launcher. */
  engine: number;
  /** Loading the engine's modules. */
  modules: number;
  /** From the start of the process to the call of the launcher. */
  process: number;
}

for (let round = 0; round < rounds; round += 1) {
  for (const { architecture, data, times } of cases) {
    const project = join(folder, `${architecture}-${data}-${round}`);
    mkdirSync(project);
    const example = join(root, 'examples', data);
    const study = parse(readFileSync(join(example, 'study.yaml'), 'utf8'));
    if (data === 'cerebellum') symlinkSync(join(example, 'slices'), join(project, 'slices'));
    writeFileSync(join(project, 'study.yaml'), stringify({ ...study, model: { architecture } }));
    const child = fileURLToPath(new URL('engine-launch-child.mjs', import.meta.url));
    times.push(JSON.parse(execFileSync(process.execPath, [child, project, project], { encoding: 'utf8' })));
  }
}
const commands: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const project = join(folder, `command-${round}`);
  mkdirSync(project);
  const launched = join(project, 'launched');
  // The trainer records when it starts and fails at once, which ends the study.
  const trainer = { kind: 'command', command: ['sh', '-c', `date +%s%N > '${launched}'; exit 1`] };
  const setting = { initialLr: 0.1, warmupEpochs: 1 };
  const study = { name: 'launch', workers: 2, epochs: 4, attempts: 1, concurrentRuns: 1, setting, trainer };
  writeFileSync(join(project, 'study.yaml'), stringify(study));
  const started = performance.timeOrigin + performance.now();
  spawnSync(process.execPath, ['bin/autopilot.js', 'run', project, '--project', project], { cwd: root });
  commands.push(Number(readFileSync(launched, 'utf8')) / 1e6 - started);
}
rmSync(folder, { recursive: true });

const rounded = (ms: number) => Number(ms.toFixed(1));
function spread(values: number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
  return { median: at(0.5), smallest: at(0), largest: at(1) };
}

const result = {
  date: new Date().toISOString(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  rounds,
  /** The thesis's engine, measured on another machine; for orientation. */
  thesisMs: 139,
  cases: cases.map(({ architecture, data, times }) => ({
    architecture,
    data,
    fileToLaunchMs: spread(times.map(({ engine }) => engine)),
    loadingModulesMs: spread(times.map(({ modules }) => modules)),
    processStartToLaunchMs: spread(times.map((its) => its.process)),
  })),
  /** `autopilot run`, the bundled program, until the trainer's own first command runs. */
  commandToLaunchMs: spread(commands),
};
writeResults('engine-launch', result);
