/** Seconds until so many runs are done, at the pace of this session; null before the first has ended. */
export function paceOf(now: () => number) {
  const startedMs = now();
  let ended = 0;
  return {
    ended(): void {
      ended += 1;
    },
    secondsLeft: (runs: number): number | null => (ended === 0 ? null : (runs * (now() - startedMs)) / ended / 1000),
  };
}
