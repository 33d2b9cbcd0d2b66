import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { verifyProgram } from '../../launcher/deploy/verify-program.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';
import { abortTogether, crashed } from '../strategy/mpi-process.ts';
import { eventWriter } from './event-writer.ts';
import { readSpec, type WorkerSpec } from './read-spec.ts';
import { runWorker } from './run-worker.ts';

/** Exit code of a run that stopped on request, with a checkpoint to resume from. */
const exitStopped = 85;

const directory = process.env.AUTOPILOT_RUN;
let spec: WorkerSpec | null = null;
let exitCode = 1;
try {
  if (directory === undefined) {
    throw new AutopilotError('run.directory', 'AUTOPILOT_RUN is not set; autopilot sets it to the run directory.');
  }
  spec = readSpec(directory);
  // Before any of the study's own files is loaded.
  const program = verifyProgram(directory, process.env.AUTOPILOT_PROGRAM);
  const outcome = await runWorker(directory, spec, program);
  exitCode = outcome.state === 'stopped' ? exitStopped : 0;
} catch (thrown) {
  console.error(thrown);
  if (directory !== undefined && spec !== null) {
    const events = eventWriter(runDirectoryFiles(directory).events, spec);
    // An MPI error may only mean that another rank has ended.
    const code = thrown instanceof AutopilotError && !thrown.code.startsWith('mpi.') ? { code: thrown.code } : {};
    events.write({ type: 'failed', reason: messageOf(thrown), ...code });
    events.close();
  }
  // The other ranks would wait for this one, so they are ended with it.
  abortTogether(crashed);
}
// Timers or sockets that a module left open must not keep this process alive.
process.exit(exitCode);
