import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isRenewed, type LeaseRecord, type Store } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { identityOf, isAlive } from '../../launcher/processes/process-identity.ts';

export interface Lease {
  token: string;
  /** Throws when another engine has taken the study over. */
  renew(): void;
  release(): void;
}

/** Makes this process the only engine on a study. Takes over a stale lease; throws if it is live, naming the holder. */
export function takeLease(store: Store, study: { id: string; name: string }, now: () => number = Date.now): Lease {
  const identity = identityOf(process.pid);
  if (identity === null)
    throw new AutopilotError(
      'engine.noProcess',
      'The operating system gives no information about this process, so others could not see that it is running the study. Check that ps works, or that /proc can be read.',
    );
  const token = `${randomUUID()}@${namespace()}`;
  store.transaction(() => {
    const held = store.leaseOf(study.id);
    if (held && isHeld(held, now())) throw refused(study.name, held);
    store.takeLease({ studyId: study.id, token, ...identity, renewedMs: now() });
  });
  return {
    token,
    renew() {
      if (!store.renewLease(study.id, token, now())) {
        throw new AutopilotError(
          'study.takenOver',
          `Another engine has taken over study "${study.name}", so this one ends.`,
        );
      }
    },
    release: () => store.releaseLease(study.id, token),
  };
}

/**
 * Whether a lease is in force. A holder that is visible from here is checked directly; elsewhere (another host, a
 * container whose host has the same name, a host that has rebooted since) only the renewals tell.
 */
export function isHeld(lease: LeaseRecord, nowMs: number): boolean {
  return isNear(lease) ? isAlive(lease) : isRenewed(lease, nowMs);
}

/** Milliseconds within which a live engine renews its lease several times. */
const renewsWithinMs = 3000;

/**
 * Refuses a study on which an engine elsewhere, with a different clock, is working: its lease looks old, or lies in the
 * future, but is renewed while we watch.
 */
export async function refuseLiveElsewhere(
  store: Store,
  study: { id: string; name: string },
  now: () => number,
  waitMs = renewsWithinMs,
): Promise<void> {
  const before = store.leaseOf(study.id);
  if (before === undefined || isNear(before) || isRenewed(before, now())) return;
  await delay(waitMs);
  const after = store.leaseOf(study.id);
  if (after !== undefined && after.renewedMs !== before.renewedMs) throw refused(study.name, after);
}

/** Whether the holder's process id means the same process here. */
function isNear({ host, bootId, token }: LeaseRecord): boolean {
  const own = identityOf(process.pid);
  if (own === null || own.host !== host || own.bootId !== bootId) return false;
  // Earlier versions did not store the namespace.
  const [, where = namespace()] = token.split('@');
  return where === namespace();
}

/** The PID namespace; a container has its own. Empty if the system does not tell. */
function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function refused(name: string, { host, pid, renewedMs }: LeaseRecord): AutopilotError {
  return new AutopilotError(
    'study.busy',
    `Study "${name}" is being run by process ${pid} on ${host} (last sign of life ${new Date(renewedMs).toISOString()}). Wait for it, stop it with Ctrl-C there, or: autopilot cancel ${name}`,
  );
}
