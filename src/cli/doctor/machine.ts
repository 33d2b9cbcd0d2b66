import { accessSync, constants, statfsSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { formatBytes } from '../../domain/text/format.ts';
import { type Check, ok } from './check.ts';

/** The oldest Node that package.json allows: [major, minor]. */
const oldestNode = [20, 19] as const;
/** Less memory than this, in bytes, makes training of even small networks uncertain. */
const littleMemory = 1e9;
/** Less free disk than this, in bytes, may not hold a study's checkpoints. */
const littleDisk = 1e9;

/** Node, cores, memory, and the disk under the project. */
export function machineChecks(project: string): Check[] {
  return [nodeCheck(process.versions.node), coresCheck(), memoryCheck(), diskCheck(project), writableCheck(project)];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fresh = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (fresh) return ok('Node', `${version} on ${process.platform}-${process.arch}`, true);
  const fix = `install Node ${oldestNode.join('.')} or newer from https://nodejs.org`;
  return { name: 'Node', state: 'broken', detail: `${version} is too old`, fix, essential: true };
}

function coresCheck(): Check {
  const usable = availableParallelism();
  const all = cpus().length;
  const limited = usable < all ? ` of ${all}` : '';
  return ok('cores', `${usable}${limited} usable (${cpus()[0]?.model.trim() ?? 'unknown model'})`);
}

function memoryCheck(): Check {
  // 0 when the kernel sets no limit for this process (its cgroup).
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const total = Math.min(totalmem(), limit);
  const detail = `${formatBytes(total)}, ${formatBytes(Math.min(freemem(), total))} free`;
  if (total >= littleMemory) return ok('memory', detail);
  return { name: 'memory', state: 'warning', detail, fix: 'keep networks and batches small', essential: false };
}

function diskCheck(project: string): Check {
  const folder = resolve(project);
  try {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const detail = `${formatBytes(free)} free under ${folder}`;
    if (free >= littleDisk) return ok('disk', detail);
    return {
      name: 'disk',
      state: 'warning',
      detail,
      fix: 'free some space, or use --project elsewhere',
      essential: false,
    };
  } catch (thrown) {
    const fix = 'check the path given to --project';
    return { name: 'disk', state: 'broken', detail: `${folder}: ${messageOf(thrown)}`, fix, essential: true };
  }
}

function writableCheck(project: string): Check {
  const folder = resolve(project);
  try {
    accessSync(folder, constants.W_OK);
    return ok('project folder', `${folder} can be written`);
  } catch {
    const fix = 'studies cannot be stored here: change its permissions, or use --project elsewhere';
    return { name: 'project folder', state: 'warning', detail: `${folder} cannot be written`, fix, essential: false };
  }
}
