/** The console's own methods, and the number of pipelines running; null while none runs. */
let heard: { log: typeof console.log; error: typeof console.error; running: number } | null = null;

/**
 * Runs a WebAssembly pipeline with the console silenced: stdout belongs to the command's output, and errors already say
 * what is wrong with a file. Also keeps the process's exit code, which each pipeline overwrites.
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
