import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { processesOf } from '../../launcher/processes/attempt-processes.ts';
import { bootId, identityOf, isAlive } from '../../launcher/processes/process-identity.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';

/** A GPU of this host: its nvidia-smi index, and the UUID that identifies it everywhere, even inside a container. */
export interface HostDevice {
  index: number;
  uuid: string;
}

/** Who holds a device: an attempt, and the engine that assigned it. */
const claimSchema = z.object({
  attempt: z.string(),
  engine: z.object({ host: z.string(), bootId: z.string(), pid: z.int(), processStart: z.string() }),
});

/** The GPUs that this process may assign: all that nvidia-smi lists, except those CUDA_VISIBLE_DEVICES hides. */
export function hostDevices(visible = process.env.CUDA_VISIBLE_DEVICES): HostDevice[] {
  const asked = spawnSync('nvidia-smi', ['--query-gpu=index,uuid', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (asked.status !== 0) return [];
  const all = [...asked.stdout.matchAll(/^\s*(\d+)\s*,\s*(\S+)\s*$/gm)].map(([, index, uuid = '']) => ({
    index: Number(index),
    uuid,
  }));
  if (visible === undefined) return all;
  const named = visible.split(',').map((name) => name.trim());
  return all.filter(({ index, uuid }) =>
    named.some((name) => name === String(index) || (name !== '' && uuid.startsWith(name))),
  );
}

export interface ClaimOptions {
  attempt: string;
  /** Devices to choose from. */
  among: readonly HostDevice[];
  /** Number of devices to claim, from 1 to all of them. */
  count: number;
  /** Folder of this user's claims on this host, one file per device. */
  folder?: string;
}

/** The folder of this user's claims since the last boot. */
function claimFolder(): string {
  return join(tmpdir(), `autopilot-devices-${userInfo().uid}-${bootId().slice(0, 8)}`);
}

/** Claims free devices of this host for an attempt; null while there are too few. */
export function claimDevices({ attempt, among, count, folder = claimFolder() }: ClaimOptions): HostDevice[] | null {
  makeFolder(folder, 0o700);
  const free = among.filter(({ uuid }) => isFree(join(folder, uuid)));
  if (free.length < count) return null;
  const claim = JSON.stringify({ attempt, engine: identityOf(process.pid) });
  const taken = free.slice(0, count).filter(({ uuid }) => write(join(folder, uuid), claim));
  if (taken.length === count) return taken;
  // Another engine claimed one first: all or none.
  releaseDevices(attempt, folder);
  return null;
}

/** Releases an attempt's devices. */
export function releaseDevices(attempt: string, folder = claimFolder()): void {
  for (const uuid of list(folder)) {
    if (readClaim(join(folder, uuid))?.attempt === attempt) rmSync(join(folder, uuid), { force: true });
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A claim holds while its engine is alive; one left by a dead engine, while processes of its attempt are. */
function isFree(file: string): boolean {
  const claim = readClaim(file);
  if (claim !== null && (isAlive(claim.engine) || processesOf(claim.attempt).length > 0)) return false;
  rmSync(file, { force: true });
  return true;
}

function readClaim(file: string): z.infer<typeof claimSchema> | null {
  try {
    return claimSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** False if another process has created the file in the meantime. */
function write(file: string, text: string): boolean {
  try {
    const claim = openSync(file, 'wx', 0o600);
    try {
      writeSync(claim, text);
    } finally {
      closeSync(claim);
    }
    return true;
  } catch {
    return false;
  }
}
