/** What the WebAssembly readers print about a broken file before they throw; the error says it already. */
const noise = ['Exception while running pipeline:', 'stdout:', 'stderr:', 'exception:', 'Build module in Debug mode'];

/** Runs a WebAssembly pipeline without its own lines on the console: stdout belongs to the command's output. */
export async function quietly<T>(pipeline: () => Promise<T>): Promise<T> {
  const { log, error } = console;
  const unlessNoise =
    (print: (...values: unknown[]) => void) =>
    (...values: unknown[]): void => {
      if (!noise.some((start) => String(values[0]).startsWith(start))) print(...values);
    };
  console.log = unlessNoise(log);
  console.error = unlessNoise(error);
  try {
    return await pipeline();
  } finally {
    console.log = log;
    console.error = error;
  }
}
