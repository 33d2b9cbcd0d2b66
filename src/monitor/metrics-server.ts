import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { refusedHost } from './host-header.ts';
import { prometheusMetrics } from './prometheus.ts';
import type { Subscriber } from './subscriber.ts';

export interface MetricsServerOptions {
  /** 0 picks a free port. */
  port: number;
  /** Address to listen on. */
  host?: string;
}

export interface MetricsServer extends Subscriber {
  url: string;
}

/** Serves `/metrics` for Prometheus while a study runs. */
export async function startMetricsServer({ port, host = '127.0.0.1' }: MetricsServerOptions): Promise<MetricsServer> {
  const metrics = prometheusMetrics();
  if (host.trim() === '')
    throw new AutopilotError(
      'metrics.host',
      'The host for /metrics is empty, which would mean listening on every address. Give one.',
    );
  const server = createServer((request, response) => {
    const refused = refusedHost(request.headers.host, [host]);
    if (refused !== null) {
      response
        .writeHead(421, { 'Content-Type': 'text/plain' })
        .end(`This server does not answer to the name ${refused}.\n`);
      return;
    }
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Metrics are at /metrics.\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
      (thrown: unknown) => response.writeHead(500).end(messageOf(thrown)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AutopilotError(
          'metrics.listen',
          `Metrics cannot be served on ${host}:${port}: ${messageOf(cause)}. Choose another with --metrics-port (0 takes a free one).`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  // A study that has ended must not wait for a scraper's open connection.
  server.unref();
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    observe: metrics.observe,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
