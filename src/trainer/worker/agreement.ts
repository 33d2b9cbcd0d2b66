import { createHash } from 'node:crypto';
import { AutopilotError } from '../../domain/errors.ts';
import type { DistributionStrategy } from '../strategy/strategy.ts';

/** Throws on any process whose facts differ from process 0's: it would train something else, unnoticed. */
export async function requireAgreement(
  strategy: Pick<DistributionStrategy, 'process' | 'broadcast'>,
  facts: Record<string, string | number | null>,
): Promise<void> {
  // Bytes, because each of them fits a float exactly.
  const mine = Float32Array.from(createHash('sha256').update(JSON.stringify(facts)).digest());
  const first = mine.slice();
  await strategy.broadcast(first);
  if (first.every((byte, index) => byte === mine[index])) return;
  throw new AutopilotError(
    'worker.disagreement',
    `Worker ${strategy.process} has a different configuration or checkpoint from worker 0 (this worker's: ${JSON.stringify(facts)}). The run directory must be the same shared folder on every host`,
  );
}
