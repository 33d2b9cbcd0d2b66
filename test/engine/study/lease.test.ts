import { expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { isHeld, refuseLiveElsewhere, takeLease } from '../../../src/engine/study/lease.ts';
import { identityOf } from '../../../src/launcher/processes/process-identity.ts';

const study = { id: 's', name: 's' };
const yearMs = 365 * 24 * 3600 * 1000;

function leased(changes: { token?: string; host?: string; bootId?: string; pid?: number; renewedMs?: number } = {}) {
  const store = openStore({ path: ':memory:' });
  store.insertStudy({
    ...study,
    ...{ config: {}, configHash: '', guidelineHash: '', directory: '/', workers: 1, epochs: 1, simulated: true },
    ...{ versions: {}, createdMs: 1 },
  });
  const own = identityOf(process.pid)!;
  const lease = { studyId: 's', token: 'a@pid:[elsewhere]', ...own, renewedMs: 1_000_000, ...changes };
  store.takeLease(lease);
  return { store, lease };
}

it.each([
  ['a container whose host has the same name and its own process ids', {}],
  ['another host', { host: 'other' }],
  ['a host of the same name that booted at another time', { bootId: 'other', token: 'a' }],
])('a lease that %s renewed a moment ago is held, whatever process has its id here', (_, changes) => {
  const { store, lease } = leased({ ...changes, pid: 999_999 });
  expect(isHeld(lease, 1_010_000)).toBe(true);
  expect(isHeld(lease, 1_100_000)).toBe(false);
  expect(() => takeLease(store, study, () => 1_010_000)).toThrow('is being run by process 999999');
});

it('a lease whose process is gone here is taken over at once', () => {
  const { store } = leased({ token: 'a', pid: 999_999 });
  expect(takeLease(store, study, () => 1_000_001).token).toMatch(/@pid:\[\d+\]$/);
});

it.each([
  ['a year behind', 1_000_000 + yearMs],
  ['a year ahead', 1_000_000 - yearMs],
])('an engine elsewhere whose clock is %s is not thrown out while it renews its lease', async (_, nowMs) => {
  const { store, lease } = leased();
  let renewedMs = lease.renewedMs;
  const renewing = setInterval(() => {
    renewedMs += 1;
    store.renewLease('s', lease.token, renewedMs);
  }, 5);
  await expect(refuseLiveElsewhere(store, study, () => nowMs, 100)).rejects.toThrow('is being run by process');
  clearInterval(renewing);
  await refuseLiveElsewhere(store, study, () => nowMs, 20);
  expect(takeLease(store, study, () => nowMs).token).not.toBe(lease.token);
});
