/**
 * An error the user can act on: the message names the field or file, the value and the fix.
 * `code` is stable and printed in `--json` output.
 */
export class AutopilotError extends Error {
  override readonly name: string = 'AutopilotError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
