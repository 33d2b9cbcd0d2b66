import { AutopilotError } from '../domain/errors.ts';

/**
 * Error about an intact file that is still not read, because of its kind or because its content is ambiguous. `what`
 * names the cause and the fix; `readVolume` prepends the file.
 */
export function refusal(what: string, cause?: unknown): AutopilotError {
  return new AutopilotError('image.refused', what, { cause });
}

/** Error about a damaged file; `readVolume` asks for an intact copy. */
export class Damage extends Error {}
