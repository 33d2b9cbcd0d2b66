import { exitCodes } from './exit-codes.ts';

/** The first Ctrl-C (or SIGTERM) stops the trainings cleanly; the second ends this process at once. */
export function interruptions(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write(
      'Stopping: the trainings write a checkpoint and end. Press Ctrl-C again to leave them behind.\n',
    );
    controller.abort(name === 'SIGINT' ? 'interrupted' : 'told to end (SIGTERM)');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
  };
}
