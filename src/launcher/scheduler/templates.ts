import type { Template } from './template.ts';

/** What a scheduler is asked with, and how its answers are read; patterns are regular expressions (docs/cluster.md). */
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

/** What the states of a job mean; one that none of these fits is its end. */
export type States = Readonly<
  Partial<
    Record<
      'waiting' | 'held' | 'running' | 'cancelled' | 'timeLimit' | 'outOfMemory' | 'workersLost',
      string | undefined
    >
  >
>;
