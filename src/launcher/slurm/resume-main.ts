// The program that a job's script runs after a requeue, without an engine.
import { resumeFromLastCheckpoint } from './resume.ts';

const from = resumeFromLastCheckpoint(process.env.AUTOPILOT_RUN ?? '.');
console.log(
  from === null ? 'autopilot: no checkpoint yet, restarting from scratch' : `autopilot: resuming from ${from}`,
);
