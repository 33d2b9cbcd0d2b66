import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { AutopilotError } from '../domain/errors.ts';
import type { OnProgress } from '../domain/progress.ts';
import { influxLog } from '../monitor/influx.ts';
import { guarded, type Subscriber } from '../monitor/subscriber.ts';
import { ownProgram } from '../protocol/own-program.ts';
import { parsePort } from './port.ts';

/** Options for what `run` and `resume` can start beside a study. */
export interface CompanionOptions {
  dashboard?: true;
  port: number;
  readOnly?: true;
  metricsPort?: number;
  metricsHost: string;
  tensorboard?: string;
  influx?: string;
}

/** Adds the options of everything that can watch a running study. */
export function withCompanionOptions(command: Command): Command {
  return command
    .option('--dashboard', 'serve the live page while the study runs')
    .option('--port <number>', "the page's port; 0 takes a free one", parsePort, 4318)
    .option('--read-only', 'a view-only page: no pause, stop, cancel or notes')
    .option('--metrics-port <number>', 'serve /metrics for Prometheus; 0 takes a free port', parsePort)
    .option('--metrics-host <address>', 'address of /metrics', '127.0.0.1')
    .option('--tensorboard <folder>', "write event files for TensorBoard's --logdir, a folder per run")
    .option(
      '--influx <file-or-url>',
      'write InfluxDB line protocol to a file or a write endpoint (its token: INFLUX_TOKEN)',
    );
}

export interface Companions {
  observe: OnProgress;
  close(): Promise<void>;
}

/**
 * Starts the companions asked for, and loads no others. One that cannot listen fails here, before the study starts;
 * later failures are warnings.
 */
export async function startCompanions(
  options: CompanionOptions & { project: string },
  { say, warn }: { say: (line: string) => void; warn: (message: string) => void },
): Promise<Companions> {
  const { metricsPort, metricsHost, tensorboard, influx, dashboard } = options;
  const subscribers: Subscriber[] = [];
  if (metricsPort !== undefined) {
    const { startMetricsServer } = await import('../monitor/metrics-server.ts');
    const server = await startMetricsServer({ port: metricsPort, host: metricsHost });
    say(`Metrics: ${server.url}`);
    subscribers.push(guarded('The metrics', server, warn));
  }
  if (tensorboard !== undefined) {
    const { tensorBoardLog } = await import('../monitor/tensorboard-log.ts');
    subscribers.push(guarded('The TensorBoard log', tensorBoardLog({ directory: tensorboard }), warn));
  }
  if (influx !== undefined) {
    const log = influxLog({ target: influx, token: process.env.INFLUX_TOKEN, warn });
    subscribers.push(guarded('The InfluxDB log', log, warn));
  }
  const page = dashboard ? await dashboardProcess(options, say) : null;
  return {
    observe(event) {
      for (const { observe } of subscribers) observe(event);
    },
    async close() {
      await Promise.all(subscribers.map(({ close }) => close()));
      page?.end();
    },
  };
}

/** Serves the page from its own process, so that no request can hold up the engine. It ends with this process. */
async function dashboardProcess(
  { project, port, readOnly }: CompanionOptions & { project: string },
  say: (line: string) => void,
): Promise<{ end: () => void }> {
  const [program = process.execPath, ...args] = [
    ...ownProgram('cli/main'),
    ...['dashboard', '--project', project, '--port', String(port), ...(readOnly ? ['--read-only'] : [])],
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const lines = child.stdout ? createInterface(child.stdout) : [];
  for await (const line of lines) {
    say(line);
    // The page must not keep this process alive once the study has ended.
    for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
    child.unref();
    child.channel?.unref();
    return {
      end: () => {
        if (child.connected) child.disconnect();
      },
    };
  }
  throw new AutopilotError('dashboard.start', errors.trim() || 'The dashboard did not start.');
}
