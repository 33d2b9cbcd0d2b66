import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { influxLog } from '../../src/monitor/influx.ts';
import { startMetricsServer } from '../../src/monitor/metrics-server.ts';
import { prometheusMetrics } from '../../src/monitor/prometheus.ts';
import { guarded } from '../../src/monitor/subscriber.ts';
import { tensorBoardLog } from '../../src/monitor/tensorboard-log.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const scratch = () => mkdtempSync(join(tmpdir(), 'autopilot-exporters-'));

const setting = {
  initialLr: 0.5,
  decayCoefficient: 3,
  warmupEpochs: 5,
  decayEpochs: 6,
  optimizer: 'sgd',
} as const;

function runStarted(key: string, iteration: number): ProgressEvent {
  const request = { key, kind: 'iteration', iteration, repeat: 1, workers: 18, setting } as const;
  return { type: 'run.started', runId: key, request, attempt: 1, seed: 1, epochs: 14, why: '', reattached: false };
}

function epoch(key: string, number: number, loss = 0.25): ProgressEvent {
  return { type: 'epoch', key, epoch: number, epochs: 14, phase: 'warmup', lr: 0.1, loss, metrics: { dice: 0.7 } };
}

const sample: ProgressEvent = {
  type: 'sample',
  key: 'iteration-1',
  rank: 3,
  timeMs: 2000,
  cpuPercent: 150,
  memoryBytes: 1e9,
  stepsPerSecond: 12.5,
  networkReceiveBytes: null,
  networkTransmitBytes: null,
  gpuPercent: null,
  gpuMemoryBytes: null,
};

const studyStarted: ProgressEvent = {
  type: 'study.started',
  study: 'cerebellum',
  workers: 18,
  epochs: 14,
  metrics: ['dice'],
  launcher: 'mpi',
  simulated: false,
  resumed: false,
};

describe('the Prometheus endpoint', () => {
  it('serves the study, the run, its epoch, phase, rate, loss, metrics and what each rank measured', async () => {
    const server = await startMetricsServer({ port: 0 });
    cleanups.push(server.close);
    for (const event of [studyStarted, runStarted('iteration-1', 1), epoch('iteration-1', 4), sample]) {
      server.observe(event);
    }
    const answer = await fetch(server.url);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    for (const line of [
      'autopilot_study_info{study="cerebellum",launcher="mpi",simulated="false"} 1',
      'autopilot_study_workers{study="cerebellum"} 18',
      'autopilot_run_epoch{study="cerebellum",run="iteration-1"} 4',
      'autopilot_run_phase{study="cerebellum",run="iteration-1",phase="warmup"} 1',
      'autopilot_run_phase{study="cerebellum",run="iteration-1",phase="decay"} 0',
      'autopilot_run_lr{study="cerebellum",run="iteration-1"} 0.1',
      'autopilot_run_loss{study="cerebellum",run="iteration-1"} 0.25',
      'autopilot_run_metric{study="cerebellum",run="iteration-1",metric="dice"} 0.7',
      'autopilot_worker_steps_per_second{study="cerebellum",run="iteration-1",rank="3"} 12.5',
      'autopilot_worker_memory_bytes{study="cerebellum",run="iteration-1",rank="3"} 1000000000',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
  });

  it('forgets an ended run when the next one starts, so that its series stay few', async () => {
    const server = await startMetricsServer({ port: 0 });
    cleanups.push(server.close);
    server.observe(studyStarted);
    for (let number = 1; number <= 30; number += 1) {
      const key = `iteration-${number}`;
      server.observe(runStarted(key, number));
      server.observe(epoch(key, 1));
      server.observe({ type: 'run.ended', key, state: 'finished', metrics: { dice: 0.8 }, reason: null, seconds: 1 });
    }
    const text = await (await fetch(server.url)).text();
    expect(new Set(text.match(/run="[^"]+"/g))).toEqual(new Set(['run="iteration-30"']));
    expect(text).toContain('autopilot_runs_total{study="cerebellum",state="finished"} 30');
  });

  it('has every metric on docs/monitoring.md, with its labels and what it is', async () => {
    const page = readFileSync(new URL('../../docs/monitoring.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `(autopilot_\w+)` \| [^|]+ \| (.*) \|$/gm)].map(
      ([, name, is]) => `${name} ${is}`,
    );
    const has = [...(await prometheusMetrics().text()).matchAll(/^# HELP (.*)$/gm)].map(([, text]) => text);
    expect(told.sort()).toEqual(has.sort());
  });

  it('says what to do when the port is taken', async () => {
    const server = await startMetricsServer({ port: 0 });
    cleanups.push(server.close);
    await expect(startMetricsServer({ port: Number(new URL(server.url).port) })).rejects.toThrow('--metrics-port');
  });
});

/** An endpoint that answers as `status` says and keeps what it is sent. */
async function endpoint(status: () => number) {
  const bodies: string[] = [];
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      tokens.push(request.headers.authorization);
      if (status() < 300) bodies.push(body);
      response.writeHead(status()).end('refused');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api/v2/write?bucket=secret`, bodies, tokens };
}

describe('the InfluxDB log', () => {
  it('posts the lines with the token', async () => {
    const { url, bodies, tokens } = await endpoint(() => 204);
    const log = influxLog({ target: url, token: 'abc', warn: () => {}, now: () => 1000 });
    for (const event of [studyStarted, epoch('iteration-1', 4, Number.NaN), sample]) log.observe(event);
    await log.close();
    expect(bodies.join('\n').split('\n')).toEqual([
      'epoch,study=cerebellum,run=iteration-1,phase=warmup epoch=4,lr=0.1,dice=0.7 1000000000',
      'sample,study=cerebellum,run=iteration-1,rank=3 cpuPercent=150,memoryBytes=1000000000,stepsPerSecond=12.5 2000000000',
    ]);
    expect(tokens).toEqual(['Token abc']);
  });

  it('warns once of an outage without the secret part of the address, and delivers what it held afterwards', async () => {
    let status = 503;
    const { url, bodies } = await endpoint(() => status);
    const warnings: string[] = [];
    const warned = new Promise<void>((resolve) => {
      const log = influxLog({
        target: url,
        everyMs: 5,
        now: () => 1000,
        warn: (message) => {
          warnings.push(message);
          resolve();
        },
      });
      cleanups.push(log.close);
      log.observe(studyStarted);
      log.observe(epoch('iteration-1', 1));
    });
    await warned;
    status = 204;
    for (const cleanup of cleanups.splice(1)) await cleanup();
    expect(bodies.join('')).toContain('epoch=1');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('HTTP 503');
    expect(warnings[0]).not.toContain('secret');
  });

  it('appends to a file', async () => {
    const file = join(scratch(), 'points.lp');
    const log = influxLog({ target: file, warn: () => {}, now: () => 1000 });
    log.observe(studyStarted);
    log.observe(epoch('iteration-1', 1));
    await log.close();
    expect(readFileSync(file, 'utf8')).toMatch(/^epoch,study=cerebellum.* 1000000000\n$/);
  });

  it('gives each epoch the time it had, and two of one millisecond a point each', async () => {
    const file = join(scratch(), 'points.lp');
    const log = influxLog({ target: file, warn: () => {}, now: () => 9000 });
    log.observe(studyStarted);
    for (const [number, timeMs] of [
      [1, 2000],
      [2, 3000],
      [3, 3000],
    ] as const) {
      log.observe({ ...epoch('iteration-1', number), timeMs } as ProgressEvent);
    }
    await log.close();
    const times = readFileSync(file, 'utf8').trim().split('\n');
    expect(times.map((line) => line.split(' ').at(-1))).toEqual(['2000000000', '3000000000', '3001000000']);
  });
});

describe('the TensorBoard log', () => {
  it('keeps each run in a folder of its own', () => {
    const directory = scratch();
    const log = tensorBoardLog({ directory, now: () => 1_000_000 });
    for (const key of ['baseline-1', 'iteration-1']) {
      log.observe(studyStarted);
      log.observe(runStarted(key, 1));
      log.observe(epoch(key, 1));
    }
    expect(readdirSync(join(directory, 'cerebellum')).sort()).toEqual(['baseline-1', 'iteration-1']);
    const [file = ''] = readdirSync(join(directory, 'cerebellum', 'baseline-1'));
    const bytes = readFileSync(join(directory, 'cerebellum', 'baseline-1', file), 'latin1');
    for (const tag of ['lr', 'loss', 'dice']) expect(bytes).toContain(tag);
  });
});

describe('a subscriber that fails', () => {
  it('is reported once and never reaches the study', async () => {
    const warnings: string[] = [];
    const failing = guarded(
      'The log',
      {
        observe: () => {
          throw new Error('no space left');
        },
        close: () => Promise.reject(new Error('gone')),
      },
      (message) => warnings.push(message),
    );
    failing.observe(studyStarted);
    failing.observe(studyStarted);
    await failing.close();
    expect(warnings).toEqual([
      'The log failed: no space left. The study continues; what was missed is not sent again.',
    ]);
  });
});
