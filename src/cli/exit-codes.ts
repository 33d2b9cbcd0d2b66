/**
 * Exit codes of every command, for scripts. 3 means that a study ended properly without reaching "no loss": the answer
 * is stored, and it is no.
 */
export const exitCodes = {
  ok: 0,
  /** Something went wrong: the message says what and what to do. */
  error: 1,
  /** The command line itself: unknown command or option, missing argument. */
  usage: 2,
  /** A study ended without `noLoss` (exhausted, budgetSpent). */
  notReached: 3,
  /** Interrupted with Ctrl-C (128 + SIGINT); `autopilot resume` continues. */
  interrupted: 130,
} as const;

/** The exit codes in words. */
export const exitCodeMeanings: Readonly<Record<string, string>> = {
  [exitCodes.ok]: 'done; of run and resume: the study ended with "no loss"',
  [exitCodes.error]: 'something went wrong; the message says what, and what to do',
  [exitCodes.usage]: 'a wrong command line',
  [exitCodes.notReached]: 'the study ended properly without "no loss"',
  [exitCodes.interrupted]: 'interrupted; autopilot resume continues it',
};
