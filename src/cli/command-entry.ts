import type { Command } from 'commander';

/** The exports of every file in `commands/`. */
export interface CommandModule {
  /** A fresh command, so that tests can make as many as they like. */
  command: (table: CommandTable) => Command;
}

export interface CommandEntry {
  /** One line for `autopilot --help`. */
  summary: string;
  /** Loads the command's file; only the command that runs is loaded, which keeps start-up fast. */
  load: () => Promise<CommandModule>;
  /** Example command lines, without `autopilot`, for the `--help` of the command and its subcommands. */
  examples?: readonly string[];
}

/** The commands, keyed by name. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
