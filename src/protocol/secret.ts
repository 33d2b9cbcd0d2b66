import { randomBytes } from 'node:crypto';

/** The variable that carries an attempt's secret to its processes, which put it into every line they write. */
export const secretVariable = 'AUTOPILOT_SECRET';

/** 128 random bits: a line that carries them was written by a process that this attempt launched. */
export function newSecret(): string {
  return randomBytes(16).toString('hex');
}

/** The field that identifies the writer of a line; empty if no engine launched this process. */
export function ownSecret(environment: NodeJS.ProcessEnv = process.env): { secret?: string } {
  const secret = environment[secretVariable];
  return secret === undefined ? {} : { secret };
}
