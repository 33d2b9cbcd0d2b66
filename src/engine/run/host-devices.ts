import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { processesOf } from '../../launcher/processes/attempt-processes.ts';
import { bootId, identityOf, isAlive } from '../../launcher/processes/process-identity.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';

/** A GPU of this host: its number as nvidia-smi counts, and what tells it from all others, inside a container too. */
export interface HostDevice {
  index: number;
  uuid: string;
}

/** Who has a device: an attempt, and the engine that gave it out. */
const claimSchema = z.object({
  attempt: z.string(),
  engine: z.object({ host: z.string(), bootId: z.string(), pid: z.int(), processStart: z.string() }),
});

/** The GPUs that this process may give out: all that nvidia-smi lists, less those that CUDA_VISIBLE_DEVICES hides. */
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
  /** Those to choose from. */
  among: readonly HostDevice[];
  /** How many it takes, 1 to all of them. */
  count: number;
  /** Where the claims of this host lie: one file a device, of this user. */
  folder?: string;
}

/** The folder of this user's claims, of this boot. */
function claimFolder(): string {
  return join(tmpdir(), `autopilot-devices-${userInfo().uid}-${bootId().slice(0, 8)}`);
}

/** Gives an attempt devices that no other attempt on this host has; null as long as there are too few. */
export function claimDevices({ attempt, among, count, folder = claimFolder() }: ClaimOptions): HostDevice[] | null {
  makeFolder(folder, 0o700);
  const free = among.filter(({ uuid }) => isFree(join(folder, uuid)));
  if (free.length < count) return null;
  const claim = JSON.stringify({ attempt, engine: identityOf(process.pid) });
  const taken = free.slice(0, count).filter(({ uuid }) => write(join(folder, uuid), claim));
  if (taken.length === count) return taken;
  // Another engine was faster: all or none.
  releaseDevices(attempt, folder);
  return null;
}

/** Gives back what an attempt has. */
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

/** A claim ends with its attempt; one that an engine left is worth as much as the processes of its attempt that live. */
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

/** False where somebody else has made the file meanwhile. */
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
