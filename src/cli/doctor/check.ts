/** `missing` and `warning` leave autopilot working; `broken` on an essential check does not. */
export type CheckState = 'ok' | 'warning' | 'missing' | 'broken';

/** One thing that `autopilot doctor` checked. */
export interface Check {
  name: string;
  state: CheckState;
  /** What was found. */
  detail: string;
  /** What to do about it; null where nothing needs doing. */
  fix: string | null;
  /** Whether autopilot needs it to work at all. */
  essential: boolean;
}

export function ok(name: string, detail: string, essential = false): Check {
  return { name, state: 'ok', detail, fix: null, essential };
}

/** Whether a failed check keeps autopilot from working; doctor then ends with exit code 1. */
export function isBroken({ state, essential }: Check): boolean {
  return essential && state === 'broken';
}
