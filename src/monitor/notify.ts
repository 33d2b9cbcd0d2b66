import { spawn } from 'node:child_process';
import { messageOf } from '../domain/errors.ts';

/** Where notifications go; environment references in the strings are already filled in. */
export interface NotifyTargets {
  webhook?: string | undefined;
  email?: string | undefined;
  sendmail: string;
  command?: readonly string[] | undefined;
}

/** What happened, for a person (`text`) and for a program (the rest). */
export interface Notification {
  event: 'end' | 'failure' | 'confirmed';
  study: string;
  /** Null while the study is running, or when it could not continue. */
  outcome: string | null;
  /** One line. */
  subject: string;
  text: string;
  host: string;
  project: string;
  simulated: boolean;
  /** ISO 8601. */
  time: string;
}

export interface NotifyOptions {
  /** Called for every notification that could not be delivered. */
  warn: (message: string) => void;
  /** Timeout for each target, in milliseconds. */
  timeoutMs?: number;
}

/** Directories where sendmail is usually installed, which few users have on their PATH. */
const sendmailFolders = '/usr/sbin:/usr/lib';

/** Notifies every target. Never throws: failed deliveries are passed to `warn`. */
export async function notify(
  { webhook, email, sendmail, command }: NotifyTargets,
  notification: Notification,
  { warn, timeoutMs = 20_000 }: NotifyOptions,
): Promise<void> {
  const json = JSON.stringify(notification);
  const tell = (who: string, told: Promise<void>) =>
    told.catch((thrown: unknown) =>
      warn(
        `The notification by ${who} could not be delivered: ${messageOf(thrown)}. The study itself is not affected.`,
      ),
    );
  await Promise.all([
    ...(webhook === undefined ? [] : [tell('webhook', post(webhook, json, timeoutMs))]),
    ...(email === undefined
      ? []
      : [
          tell(
            `e-mail (${sendmail})`,
            feed([sendmail, '-t', '-i'], letter(email, notification), { timeoutMs, more: {} }),
          ),
        ]),
    ...(command === undefined
      ? []
      : [tell(`command (${command[0]})`, feed(command, json, { timeoutMs, more: variables(notification) }))]),
  ]);
}

async function post(address: string, body: string, timeoutMs: number): Promise<void> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  let answer: Response;
  try {
    answer = await fetch(address, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
  } catch (thrown) {
    // The address may be secret; undici gives the actual reason as the cause.
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    throw new Error(messageOf(cause).replaceAll(address, 'the address'));
  }
  const said = (await answer.text()).slice(0, 200).trim();
  if (!answer.ok) throw new Error(`HTTP ${answer.status}${said === '' ? '' : `: ${said}`}`);
}

/** Lines to wrap: only sentences get this long, never rows of a table. */
const longLine = /^.{200,}$/gm;
const upToWidth = /(.{1,78})(?: |$)(?!$)/g;

/**
 * An RFC 5322 message. The subject is one line, so that it cannot inject headers; no line exceeds 998 octets, because
 * mail servers break or return such messages.
 */
function letter(email: string, { subject, text }: Notification): string {
  const oneLine = subject.replace(/[^ -~]+/g, ' ');
  const headers = [
    `To: ${email}`,
    `Subject: ${oneLine}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    'Auto-Submitted: auto-generated',
  ];
  return `${headers.join('\n')}\n\n${text.replace(longLine, (line) => line.replace(upToWidth, '$1\n'))}\n`;
}

function variables({ event, study, outcome, subject }: Notification): Record<string, string> {
  return {
    AUTOPILOT_EVENT: event,
    AUTOPILOT_STUDY: study,
    AUTOPILOT_OUTCOME: outcome ?? '',
    AUTOPILOT_TEXT: subject,
  };
}

/** Runs a program without a shell, with `input` on its standard input; rejects unless it exits with 0 in time. */
function feed(
  [program = '', ...args]: readonly string[],
  input: string,
  { timeoutMs, more }: { timeoutMs: number; more: Record<string, string> },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${sendmailFolders}`, ...more };
    const child = spawn(program, args, { env, stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`it took more than ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = `${errors}${text}`.slice(-300);
    });
    // A program that does not read its input may have closed the pipe.
    child.stdin.on('error', () => {});
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(new Error(error.code === 'ENOENT' ? `there is no program ${program}` : error.message));
    });
    let patience: NodeJS.Timeout | undefined;
    child.on('exit', () => {
      clearTimeout(timer);
      // Its last output may still be in transit, but a child of its own may hold standard error open for ever.
      patience = setTimeout(() => child.stderr.destroy(), 500);
    });
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      if (code === 0) resolve();
      else reject(new Error(`it ended with ${code ?? signal}${errors.trim() === '' ? '' : `: ${errors.trim()}`}`));
    });
    child.stdin.end(input);
  });
}
