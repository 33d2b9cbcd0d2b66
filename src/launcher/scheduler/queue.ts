import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { shellText } from '../../domain/text/shell-text.ts';
import { commandOf, filled, patternOf, type Values } from './template.ts';
import type { States, Templates } from './templates.ts';

/** The result of a submission. `unnamed`: it was accepted, but the output does not give the job's id. */
export type Submission = { jobId: string } | { unnamed: string } | { refused: string };

/** A job as its scheduler sees it. */
export type QueueEntry =
  | { known: true; meaning: Meaning; state: string }
  /** The scheduler answered, and has no such job (any more). */
  | { known: false }
  /** The scheduler did not answer: ask again later. */
  | 'unreachable';

export type Meaning = keyof States | 'ended';

/** Access to a scheduler, through commands that run without a shell. */
export interface SchedulerQueue {
  submit(values: Values): Promise<Submission>;
  entryOf(jobId: string): Promise<QueueEntry>;
  /** The id of the job with this name; null when there is none, `unknown` without a template to find it. */
  findByName(name: string): Promise<string | null | 'unreachable' | 'unknown'>;
  cancel(jobId: string): Promise<void>;
}

export function schedulerQueue(templates: Templates): SchedulerQueue {
  const { unknown, states } = templates;
  const own: Values = { ...templates.values, user: userInfo().username };

  function isUnknown(answer: Answer): boolean {
    return !answer.ok && unknown !== undefined && new RegExp(unknown, 'im').test(answer.text);
  }

  return {
    async submit(values) {
      const all = { ...own, ...values };
      const input = (templates.submitInput ?? []).map((line) => `${filled(line, all, shellText)}\n`).join('');
      const answer = await ask(commandOf(templates.submit, all), input);
      if (!answer.ok) return { refused: firstLine(answer.text) };
      const ids = idsIn(answer.text, patternOf(templates.jobId, all));
      // There may be several, as a wrapper's banner has numbers too. The job is then found by its name.
      return ids.length === 1 && ids[0] !== undefined ? { jobId: ids[0] } : { unnamed: firstLine(answer.text) };
    },
    async entryOf(jobId) {
      const values = { ...own, jobId };
      let answered = false;
      for (const template of templates.status) {
        const answer = await ask(commandOf(template, values));
        answered ||= answer.ok || isUnknown(answer);
        const state = answer.ok ? stateIn(answer.text, values) : null;
        if (state !== null) return { known: true, meaning: meaningOf(state, states), state };
        // The first command knows the current jobs; the others may remember ended ones.
        if (!answered) return 'unreachable';
      }
      return { known: false };
    },
    async findByName(name) {
      if (templates.find === undefined || templates.foundId === undefined) return 'unknown';
      const values = { ...own, name };
      const pattern = patternOf(templates.foundId, values);
      for (const [index, template] of templates.find.entries()) {
        const answer = await ask(commandOf(template, values));
        const found = answer.ok ? idsIn(answer.text, pattern).at(-1) : undefined;
        if (found !== undefined) return found;
        if (index === 0 && !answer.ok && !isUnknown(answer)) return 'unreachable';
      }
      return null;
    },
    async cancel(jobId) {
      await ask(commandOf(templates.cancel, { ...own, jobId }));
    },
  };

  function stateIn(text: string, values: Values): string | null {
    for (const state of templates.state) {
      const found = patternOf(state, values).exec(text);
      if (found !== null) return (found.slice(1).find((group) => group !== undefined) ?? found[0]).trim();
    }
    return null;
  }
}

const inThisOrder = ['held', 'waiting', 'running', 'cancelled', 'timeLimit', 'outOfMemory', 'workersLost'] as const;

export function meaningOf(state: string, states: States): Meaning {
  return inThisOrder.find((meaning) => new RegExp(states[meaning] ?? '(?!)').test(state)) ?? 'ended';
}

/** The distinct ids that a pattern finds, in the order of the text. */
function idsIn(text: string, pattern: RegExp): string[] {
  const found = [...text.matchAll(new RegExp(pattern.source, 'gm'))];
  return [...new Set(found.map((match) => match.slice(1).find((group) => group !== undefined) ?? match[0]))];
}

interface Answer {
  ok: boolean;
  text: string;
}

function ask([program = '', ...parameters]: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env: submitEnvironment(), timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, parameters, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout });
      else resolve({ ok: false, text: `${stderr}\n${stdout}\n${error.message}` });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Jobs may get this process's environment, so it must not contain what would make them ranks of another job. */
function submitEnvironment(): NodeJS.ProcessEnv {
  const leaking = /^(OMPI_COMM|OMPI_UNIVERSE|PMIX?|PRTE|ORTE|HYDI?|FLUX_TASK|FLUX_JOB)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !leaking.test(name)));
}

function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '') ?? 'no reason given';
}
