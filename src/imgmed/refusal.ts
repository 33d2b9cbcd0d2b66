import { AutopilotError } from '../domain/errors.ts';

/**
 * For files that are intact and still not read: because of what they are, or because what they say leaves a choice.
 * `what` names the cause and the fix; `readVolume` puts the file in front.
 */
export function refusal(what: string, cause?: unknown): AutopilotError {
  return new AutopilotError('image.refused', what, { cause });
}

/** What is wrong inside a damaged file; `readVolume` asks for an intact copy. */
export class Damage extends Error {}
