/**
 * Milliseconds since 1970: this host's clock at the start plus the time elapsed since, so that a clock that is changed
 * or jumps ends no training and spends no budget.
 */
export function steadyClock(startMs = Date.now(), elapsedMs: () => number = () => performance.now()): () => number {
  const from = elapsedMs();
  return () => Math.round(startMs + elapsedMs() - from);
}
