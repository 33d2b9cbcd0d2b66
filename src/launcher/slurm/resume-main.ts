// The program that a job's script runs after a requeue, with no engine near.
import { resumeFromLastCheckpoint } from './resume.ts';

const from = resumeFromLastCheckpoint(process.env.AUTOPILOT_RUN ?? '.');
console.log(from === null ? 'autopilot: no checkpoint yet, from the start again' : `autopilot: on from ${from}`);
