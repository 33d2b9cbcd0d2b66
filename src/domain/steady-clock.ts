/**
 * Milliseconds since 1970 as this host's clock said at the start, from then on by the time that has passed: a clock
 * that is set, or jumps by a year, ends no training and spends no budget.
 */
export function steadyClock(startMs = Date.now(), elapsedMs: () => number = () => performance.now()): () => number {
  const from = elapsedMs();
  return () => Math.round(startMs + elapsedMs() - from);
}
