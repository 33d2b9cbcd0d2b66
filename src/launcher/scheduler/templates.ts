import type { Template } from './template.ts';

/** A scheduler's commands, and how their output is read; patterns are regular expressions (docs/cluster.md). */
export interface Templates {
  submit: Template;
  submitInput?: readonly string[];
  jobId: string;
  status: readonly Template[];
  state: readonly string[];
  unknown?: string | undefined;
  states: States;
  find?: readonly Template[] | undefined;
  foundId?: string | undefined;
  cancel: Template;
  hosts?: string | undefined;
  start?: Template | undefined;
  values?: Readonly<Record<string, string>>;
}

/** Patterns for the meanings of a job's states; a job whose state matches none has ended. */
export type States = Readonly<
  Partial<
    Record<
      'waiting' | 'held' | 'running' | 'cancelled' | 'timeLimit' | 'outOfMemory' | 'workersLost',
      string | undefined
    >
  >
>;
