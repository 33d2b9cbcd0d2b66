import { existsSync } from 'node:fs';

/** Between two looks at the stop file, which may lie on a network file system. */
const lookEveryMs = 500;

/** Asked to end: by SIGTERM or SIGINT, or by the run directory's stop file. */
export function stopRequests(stopFile: string): () => boolean {
  let wanted = false;
  let lookedMs = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      wanted = true;
    });
  }
  return () => {
    const now = performance.now();
    if (!wanted && now - lookedMs >= lookEveryMs) {
      lookedMs = now;
      wanted = existsSync(stopFile);
    }
    return wanted;
  };
}
