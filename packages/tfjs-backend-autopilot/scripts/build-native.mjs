// Builds the native addon with any C compiler: node scripts/build-native.mjs [--prebuilt] [--strict]
// Without a compiler or Node's headers it says so and exits with 0, since the embedded back end needs neither;
// --strict makes that an error.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const target = `${process.platform}-${process.arch}`;
const prebuilt = process.argv.includes('--prebuilt');
const output = path.join(root, prebuilt ? `prebuilt/${target}` : 'build', 'autopilot.node');

function giveUp(reason) {
  console.log(
    `tfjs-backend-autopilot: the native addon was not built: ${reason}. The embedded back end works without it.`,
  );
  process.exit(process.argv.includes('--strict') ? 1 : 0);
}

const compilers = [process.env.CC, 'cc', 'gcc', 'clang'].filter(Boolean);
const compiler = compilers.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
if (!compiler) giveUp('no C compiler');
const prefix = path.resolve(process.execPath, '../..');
const folders = [
  process.env.NODE_INCLUDE,
  path.join(prefix, 'include/node'),
  '/usr/include/node',
  '/usr/local/include/node',
];
const headers = folders.find((folder) => folder && existsSync(path.join(folder, 'node_api.h')));
if (!headers) giveUp("Node's headers (node_api.h) were not found; set NODE_INCLUDE");

const common = [
  '-O3',
  '-fPIC',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fvisibility=hidden',
].concat(['-Wall', '-Wextra', '-Wno-psabi', `-ffile-prefix-map=${root}=.`]);
/** GCC 10 and clang 9 or newer have the instructions; an addon without them refuses bf16. */
const withBf16 =
  process.arch === 'x64' &&
  spawnSync(compiler, ['-mavx512bf16', '-E', '-x', 'c', '-'], { input: '', stdio: ['pipe', 'ignore', 'ignore'] })
    .status === 0;
const avx512 = ['-DVL=16', '-DMRB=12', '-mavx512f', '-mavx2', '-mfma', '-mprefer-vector-width=512'];
const variants =
  process.arch === 'x64'
    ? [
        ['sse', ['-DVL=4', '-DMRB=4']],
        ['avx2', ['-DVL=8', '-DMRB=6', '-mavx2', '-mfma']],
        ['avx512', avx512],
        ...(withBf16 ? [['avx512bf16', [...avx512, '-mavx512bw', '-mavx512vl', '-mavx512bf16']]] : []),
      ]
    : [['base', ['-DVL=4', '-DMRB=8']]];
const build = mkdtempSync(path.join(os.tmpdir(), 'autopilot-native-'));
try {
  const objects = [];
  const compile = (source, name, flags) => {
    const object = path.join(build, `${name}.o`);
    execFileSync(compiler, [...common, ...flags, '-c', path.join(root, source), '-o', object], { stdio: 'inherit' });
    objects.push(object);
  };
  for (const [name, flags] of variants)
    compile('c/kernels.c', `kernels-${name}`, [...flags, `-DFN(name)=name##_${name}`]);
  for (const name of ['pool', 'dispatch', 'addon'])
    compile(`native/${name}.c`, name, [
      ...['-std=gnu11', '-pthread', `-I${headers}`],
      ...(withBf16 ? ['-DWITH_BF16'] : []),
    ]);
  mkdirSync(path.dirname(output), { recursive: true });
  const undefinedOk = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-s'];
  execFileSync(compiler, ['-shared', '-pthread', ...undefinedOk, ...objects, '-lm', '-o', output], {
    stdio: 'inherit',
  });
  console.log(path.relative(process.cwd(), output));
} catch (error) {
  giveUp(`${compiler} failed (${error.message.split('\n')[0]})`);
} finally {
  rmSync(build, { recursive: true, force: true });
}
