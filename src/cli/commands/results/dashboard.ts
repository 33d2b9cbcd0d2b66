import { Command } from 'commander';
import { startDashboard } from '../../../dashboard/server.ts';
import { AutopilotError } from '../../../domain/errors.ts';
import { isHeld } from '../../../engine/study/lease.ts';
import { dashboardActions } from '../../dashboard/actions.ts';
import { dashboardWork, ensureStore } from '../../dashboard/work.ts';
import { printJson, printText } from '../../output.ts';
import { parsePort } from '../../port.ts';
import { projectOption } from '../../project-option.ts';

interface Options {
  project: string;
  host: string;
  port: number;
  token?: string;
  readOnly?: boolean;
  root: string[];
  json?: true;
}

export function command(): Command {
  return new Command('dashboard')
    .description('Shows the studies of a project on a web page, live.')
    .addOption(projectOption())
    .option('--host <address>', 'address to listen on; anything but a loopback address asks for a token', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 4318)
    .option('--token <text>', 'ask every visitor for this token')
    .option('--read-only', 'view only: no pause, resume, stop, cancel or notes (no token on a loopback address)')
    .option(
      '--root <folder>',
      'let the page check, prepare, train, predict and evaluate what is below this folder; can be repeated',
      (folder: string, before: string[]) => [...before, folder],
      [],
    )
    .option('--json', 'print the address as JSON')
    .action(async ({ project, host, port, token, readOnly, root, json }: Options) => {
      if (readOnly && root.length > 0) {
        throw new AutopilotError('usage.root', '--root and --read-only exclude each other; leave one of them out.');
      }
      if (root.length > 0) ensureStore(project);
      const work = root.length > 0 ? dashboardWork(project, root) : undefined;
      const actions = readOnly ? undefined : dashboardActions(project);
      // Listen for signals before printing the address: whoever reads it may end the page at once.
      const end = interrupted();
      const dashboard = await startDashboard({ project, host, port, token, actions, work, isHeld });
      if (json) printJson({ url: dashboard.url });
      else printText(`Dashboard: ${dashboard.url}${process.channel ? '' : '\nCtrl-C ends it; studies continue.'}`);
      await end;
      await dashboard.close();
      if (process.connected) process.disconnect();
    });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    // A dashboard started by `run --dashboard` ends with that process.
    if (process.channel) process.once('disconnect', resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
