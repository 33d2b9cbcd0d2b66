/** The console as it was before the first of the pipelines that run now; null while none runs. */
let heard: { log: typeof console.log; error: typeof console.error; running: number } | null = null;

/**
 * Runs a WebAssembly pipeline without its own lines on the console: stdout belongs to the command's output, and what
 * is wrong with a file its error says. The process keeps its exit code too, which each pipeline sets to its own.
 */
export async function quietly<T>(pipeline: () => Promise<T>): Promise<T> {
  heard ??= { log: console.log, error: console.error, running: 0 };
  heard.running += 1;
  console.log = silent;
  console.error = silent;
  const { exitCode } = process;
  try {
    return await pipeline();
  } finally {
    process.exitCode = exitCode;
    heard.running -= 1;
    if (heard.running === 0) {
      console.log = heard.log;
      console.error = heard.error;
      heard = null;
    }
  }
}

function silent(): void {}
