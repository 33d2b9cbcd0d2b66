import { request } from 'node:http';
import { expect, it } from 'vitest';
import { startDashboard } from '../../src/dashboard/server.ts';
import { sampleProject } from '../dashboard/sample-project.ts';
import { randomOf, seed, times } from './random.ts';

const parts = [
  ...['api', 'studies', 'runs', 'sample', 'sample.iteration-2', 'log', 'prediction', 'compare', 'vendor', 'actions'],
  ...['notes', 'pause', 'stop', '..', '.', '%', '%00', '%2e%2e', '%2f', '%E0%A4%A', '__proto__', 'constructor', ''],
  ...['x'.repeat(3000), '%F0%9F%92%A5', '\\', "'", '"', '<script>', '*', '~', 'app.js', 'index.html'],
];
const queries = [
  '',
  '?before=1',
  '?before=-1e99',
  '?runs=sample.iteration-2,x',
  '?runs=,,,',
  '?token=',
  '?of=/studies',
  '?%',
];
const bodies = [
  '',
  '{}',
  '{"text":"a"}',
  '{"text":1}',
  '[',
  '{"stopRuns":"x"}',
  'x'.repeat(70_000),
  '{"__proto__":{}}',
];

const count = 600 * times;

it(`${count} requests are answered, none with a failure of the server, none after more than 2 seconds`, async () => {
  const act = () => {};
  const actions = { stopRun: act, pauseStudy: act, resumeStudy: act, cancelStudy: act, addNote: act };
  const dashboard = await startDashboard({ project: sampleProject(), port: 0, actions });
  const { hostname, port, searchParams } = new URL(dashboard.url);
  const wrong: string[] = [];
  for (let index = 0; index < count; index++) {
    const random = randomOf(seed * 7919 + index);
    const path = `/${Array.from({ length: 1 + random.below(5) }, () => random.pick(parts)).join('/')}${random.pick(queries)}`;
    const method = random.pick(['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']);
    const headers: Record<string, string> = {};
    if (random.next() < 0.8) headers.Authorization = `Bearer ${searchParams.get('token')}`;
    if (random.next() < 0.7) headers['X-Autopilot'] = 'page';
    if (random.next() < 0.1) headers.Host = random.pick(['evil.example', '[::1', '', 'localhost:99999', '1.2.3.4']);
    if (random.next() < 0.1) headers.Cookie = random.pick(['a', '=;=', `${'x=y;'.repeat(500)}`, '%=%']);
    const from = performance.now();
    const status = await new Promise<number | string>((resolve) => {
      const sent = request({ hostname, port, path, method, headers }, (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      sent.on('error', (error) => resolve(error.message));
      sent.end(method === 'GET' || method === 'HEAD' ? undefined : random.pick(bodies));
    });
    const ms = performance.now() - from;
    const failed = typeof status === 'number' ? status >= 500 : !/ECONNRESET|EPIPE|socket hang up/.test(status);
    if (failed || ms > 2000) wrong.push(`${method} ${path.slice(0, 200)}: ${status} after ${Math.round(ms)} ms`);
  }
  await dashboard.close();
  expect(wrong.slice(0, 5)).toEqual([]);
}, 3_600_000);
