import type { Command } from 'commander';

/** What every file in `commands/` exports. */
export interface CommandModule {
  /** A fresh command, so that tests can make as many as they like. */
  command: () => Command;
}

export interface CommandEntry {
  /** One line for `autopilot --help`. */
  summary: string;
  /** Loads the command's file; only the command that runs is loaded, which keeps start-up fast. */
  load: () => Promise<CommandModule>;
}

/** Every command, in the order of `autopilot --help`: a new one is a file in `commands/` and a line here. */
export const commandTable: Record<string, CommandEntry> = {
  plan: {
    summary: 'show what a study would do, and where each value comes from',
    load: () => import('./commands/plan.ts'),
  },
  history: { summary: "print a study's iterations as the thesis's table", load: () => import('./commands/history.ts') },
  show: {
    summary: 'print one iteration or run: curves, setting, decision',
    load: () => import('./commands/show.ts'),
  },
};
