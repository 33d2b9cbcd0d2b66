import { Command, InvalidArgumentError } from 'commander';
import { startDashboard } from '../../dashboard/server.ts';

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
    .option('--project <dir>', 'project folder: autopilot.db and runs/', '.')
    .option('--host <address>', 'address to listen on; anything but a loopback address asks for a token', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 4318)
    .option('--token <text>', 'ask every visitor for this token')
    .action(async ({ project, host, port, token }: Options) => {
      const dashboard = await startDashboard({ project, host, port, token });
      process.stdout.write(`Dashboard: ${dashboard.url}\nCtrl-C ends it; studies go on.\n`);
      await interrupted();
      await dashboard.close();
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
