import * as z from 'zod';
import { line, most } from './bounds.ts';

export const notifyEvents = ['end', 'failure', 'confirmed'] as const;

/** Who is notified about the study. A notification that fails gives a warning and changes nothing else. */
export const notifyConfig = z.strictObject({
  /** `end`: the study has an outcome, whatever it is. `failure`: it failed or could not continue. `confirmed`: a setting without loss was confirmed. */
  on: z
    .array(z.enum(notifyEvents))
    .min(1)
    .default([...notifyEvents]),
  /** An http(s) address that receives a JSON object by POST; Slack and Mattermost show its `text`. */
  webhook: line
    .regex(/^(https?:\/\/|\$\{env:)/, 'give an address that begins with http:// or https://, or ${env:NAME}')
    .optional(),
  /** An e-mail address to write to, through `sendmail`. */
  email: line.regex(/^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+$/, 'give one address, such as you@example.org').optional(),
  /** The program that reads an e-mail from standard input, as `sendmail -t` does: a name or a path. */
  sendmail: line.default('sendmail'),
  /** A command, one item per word. It receives the JSON object on standard input, and AUTOPILOT_STUDY, AUTOPILOT_EVENT, AUTOPILOT_OUTCOME and AUTOPILOT_TEXT in its environment. */
  command: z.array(line).min(1).max(most.items).optional(),
});

export type NotifyConfig = z.infer<typeof notifyConfig>;
