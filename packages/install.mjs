// Builds the native parts, which make autopilot fast and let several processes train together: npm's install step, and
// the command (`node …/packages/install.mjs`) that hints about a missing part give where a package manager skipped it.
// Parts that exist and load are kept (`--again` rebuilds them); a part that cannot be built never fails the install.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
/** npm's install step must not build other packages. */
const inInstallStep = process.env.npm_lifecycle_event === 'install';
const again = process.argv.includes('--again');

const run = (program, args, options) => spawnSync(program, args, { stdio: 'inherit', ...options });

function mpi() {
  if (again || !['openmpi', 'mpich'].some((family) => existsSync(join(folder, `mpi-node/build/${family}.node`))))
    run(process.execPath, [join(folder, 'mpi-node/install/build.js')]);
}

/** better-sqlite3's install script downloads a prebuilt file or compiles one. */
function sqlite() {
  const at = dirname(require.resolve('better-sqlite3/package.json'));
  const loads = () =>
    run(process.execPath, ['-e', `new (require(${JSON.stringify(at)}))(':memory:')`], { stdio: 'ignore' }).status === 0;
  if (loads()) return;
  const windows = process.platform === 'win32';
  run(windows ? 'npm.cmd' : 'npm', ['run', 'install', '--ignore-scripts=false'], { cwd: at, shell: windows });
  if (loads()) return;
  console.error(
    'better-sqlite3 was not built. Compiling it needs python3, make and a C++ compiler (Debian: apt-get install python3 make g++).',
  );
  process.exitCode = 1;
}

mpi();
run(process.execPath, [join(folder, 'tfjs-backend-autopilot/scripts/install.mjs'), ...(again ? ['--again'] : [])]);
if (!inInstallStep) sqlite();
