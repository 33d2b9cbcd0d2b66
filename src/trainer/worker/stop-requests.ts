import { existsSync } from 'node:fs';

/** Milliseconds between two looks at the stop file, which may be on a network file system. */
const lookEveryMs = 500;

/** Whether the process was asked to stop: by SIGTERM or SIGINT, or by the run directory's stop file. */
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
