import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MpiUnavailableError } from './errors.js';
import { launchedBy } from './variant.js';

const require = createRequire(import.meta.url);
const buildDirectory = fileURLToPath(new URL('../build/', import.meta.url));
const build = fileURLToPath(new URL('../install/build.js', import.meta.url));
const rebuild = `node ${/^[\w@%+=:,./-]+$/.test(build) ? build : `'${build.replaceAll("'", `'\\''`)}'`}`;
const install =
  'Install one (Debian/Ubuntu: apt-get install openmpi-bin libopenmpi-dev; Fedora: dnf install openmpi-devel and ' +
  `module load mpi; macOS: brew install open-mpi), then run: ${rebuild}`;

/** The report of the install step: which families were built, and what went wrong with the others. */
export function readBuildReport() {
  const file = `${buildDirectory}report.json`;
  if (!existsSync(file)) return { built: {}, problems: ['the install step did not run'] };
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The families for which an addon was built, in order of preference. */
export function builtFamilies() {
  return ['openmpi', 'mpich'].filter((family) => existsSync(`${buildDirectory}${family}.node`));
}

function chooseFamily() {
  const families = builtFamilies();
  if (families.length === 0) {
    const { problems } = readBuildReport();
    throw new MpiUnavailableError(`No MPI addon was built (${problems.join('; ')}).`, install);
  }
  const wanted = launchedBy(process.env);
  if (wanted === null || families.includes(wanted)) return wanted ?? families[0];
  throw new MpiUnavailableError(
    `This process was started by ${wanted}, but the addon was built for ${families.join(' and ')}.`,
    `Install the compiler of ${wanted} (or set MPICC to it), then run: ${rebuild}`,
  );
}

let loaded = null;

/** Loads the addon on first use; throws MpiUnavailableError when there is none that works. */
export function loadNative() {
  if (loaded !== null) return loaded;
  const family = chooseFamily();
  // UCX, which MPICH may use, tests its memory hooks while MPI starts: it moves the end of the heap back and forth
  // while Node's own threads use it, which crashed ranks of a stress test. Users who need the hooks can set this to y.
  if (family === 'mpich') process.env.UCX_MEM_EVENTS ??= 'n';
  try {
    loaded = { family, native: require(`${buildDirectory}${family}.node`) };
  } catch (cause) {
    throw new MpiUnavailableError(
      `The MPI addon for ${family} does not load: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}.`,
      `Install the MPI run-time library again, or run: ${rebuild}`,
      { cause },
    );
  }
  return loaded;
}
