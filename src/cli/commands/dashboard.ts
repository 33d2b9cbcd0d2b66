import { Command } from 'commander';
import { startDashboard } from '../../dashboard/server.ts';
import { isHeld } from '../../engine/study/lease.ts';
import { dashboardActions } from '../dashboard-actions.ts';
import { parsePort } from '../port.ts';
import { projectOption } from '../project-option.ts';

interface Options {
  project: string;
  host: string;
  port: number;
  token?: string;
  readOnly?: boolean;
}

export function command(): Command {
  return new Command('dashboard')
    .description('Show the studies of a project on a web page, live.')
    .addOption(projectOption())
    .option('--host <address>', 'address to listen on; anything but a loopback address asks for a token', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 4318)
    .option('--token <text>', 'ask every visitor for this token')
    .option(
      '--read-only',
      'only show: no pause, resume, stop, cancel and notes (on a loopback address without a token)',
    )
    .action(async ({ project, host, port, token, readOnly }: Options) => {
      const actions = readOnly ? undefined : dashboardActions(project);
      const dashboard = await startDashboard({ project, host, port, token, actions, isHeld });
      process.stdout.write(`Dashboard: ${dashboard.url}${process.channel ? '' : '\nCtrl-C ends it; studies go on.'}\n`);
      await interrupted();
      await dashboard.close();
      if (process.connected) process.disconnect();
    });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    // Started by `run --dashboard`, it ends with that process.
    if (process.channel) process.once('disconnect', resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
