import type { Command } from 'commander';

/** What every file in `commands/` exports. */
export interface CommandModule {
  /** A fresh command, so that tests can make as many as they like. */
  command: (table: CommandTable) => Command;
}

export interface CommandEntry {
  /** One line for `autopilot --help`. */
  summary: string;
  /** Loads the command's file; only the command that runs is loaded, which keeps start-up fast. */
  load: () => Promise<CommandModule>;
  /** Command lines for its `--help` and that of its own commands, without `autopilot`. */
  examples?: readonly string[];
}

/** The commands by their names. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
