import { randomUUID } from 'node:crypto';
import { isRenewed, type LeaseRecord, type Store } from '../../../db/index.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { identityOf, isAlive } from '../../launcher/processes/process-identity.ts';

export interface Lease {
  token: string;
  /** Throws when another engine has taken the study over. */
  renew(): void;
  release(): void;
}

/** Makes this process the only engine on a study. A stale lease is taken over; a live one is refused by name. */
export function takeLease(store: Store, study: { id: string; name: string }, now: () => number = Date.now): Lease {
  const identity = identityOf(process.pid);
  if (identity === null)
    throw new AutopilotError('engine.noProcess', 'The operating system does not tell about this process.');
  const token = randomUUID();
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
          `Another engine has taken study "${study.name}" over, so this one ends.`,
        );
      }
    },
    release: () => store.releaseLease(study.id, token),
  };
}

/** On its own host the holder's process is looked at; of another host only the renewals are seen. */
export function isHeld(lease: LeaseRecord, nowMs: number): boolean {
  const own = identityOf(process.pid);
  if (own !== null && lease.host === own.host) return isAlive(lease);
  return isRenewed(lease, nowMs);
}

function refused(name: string, { host, pid, renewedMs }: LeaseRecord): AutopilotError {
  return new AutopilotError(
    'study.busy',
    `Study "${name}" is being run by process ${pid} on ${host} (last sign of life ${new Date(renewedMs).toISOString()}). Wait for it, stop it with Ctrl-C there, or: autopilot cancel ${name}`,
  );
}
