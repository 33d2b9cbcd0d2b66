import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Dashboard, type DashboardOptions, startDashboard } from '../../src/dashboard/server.ts';
import { startMetricsServer } from '../../src/monitor/metrics-server.ts';
import { sampleProject } from './sample-project.ts';

const open: Dashboard[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((dashboard) => dashboard.close()));
});

async function serve(options: Partial<DashboardOptions> = {}): Promise<URL> {
  const dashboard = await startDashboard({ project: sampleProject(), port: 0, ...options });
  open.push(dashboard);
  return new URL(dashboard.url);
}

interface Asked {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** As it is written: `fetch` would mend the path first. */
function statusOf({ hostname, port }: URL, { path, body, ...rest }: Asked): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, ...rest }, (response) => resolve(response.resume().statusCode));
    sent.on('error', reject);
    sent.end(body);
  });
}

const actions = {
  stopRun: () => {},
  pauseStudy: () => {},
  resumeStudy: () => {},
  cancelStudy: () => {},
  addNote: () => {},
};

describe('a dashboard that would be open to everyone', () => {
  it.each<[what: string, options: Partial<DashboardOptions>, message: string]>([
    ['an empty token', { host: '0.0.0.0', token: '' }, 'token has 0 characters; give at least 16'],
    ['a short token', { host: '0.0.0.0', token: 'secret' }, 'token has 6 characters; give at least 16'],
    ['an empty host', { host: '' }, 'host is empty, which would mean listening on every address'],
  ])('is refused: %s', async (_, options, message) => {
    await expect(serve(options)).rejects.toThrow(message);
  });

  it('is refused for /metrics, which answers to no foreign name either', async () => {
    await expect(startMetricsServer({ port: 0, host: '' })).rejects.toThrow('is empty');
    const metrics = await startMetricsServer({ port: 0 });
    const url = new URL(metrics.url);
    expect(await statusOf(url, { path: '/metrics', headers: { Host: 'evil.example' } })).toBe(421);
    expect(await statusOf(url, { path: '/metrics' })).toBe(200);
    await metrics.close();
  });
});

describe('a hostile request', () => {
  it.each([
    '/api/studies/%',
    '/api/studies/%E0%A4%A',
    '/api/runs/%/log',
    '/api/runs/__proto__',
    '/api/compare?runs=,,,%',
    '/vendor/__proto__',
    '/vendor/constructor',
    '/pages',
    '/%00',
    '/..%2f..%2fpackage.json',
    '/api/runs/sample.iteration-2/prediction/%',
  ])('for %s is answered with 404', async (path) => {
    expect(await statusOf(await serve(), { path })).toBe(404);
  });

  it('does not fail on links that lead nowhere, folders and pipes among the logs', async () => {
    const project = sampleProject();
    const logs = join(project, 'runs', 'sample.iteration-2', 'logs');
    symlinkSync(join(project, 'gone'), join(logs, 'dangling.log'));
    mkdirSync(join(logs, 'folder.log'));
    for (let index = 0; index < 500; index++) writeFileSync(join(logs, `many-${index}.log`), 'x\n');
    const url = await serve({ project });
    const answer = await fetch(new URL('/api/runs/sample.iteration-2/log', url));
    expect(answer.status).toBe(200);
    expect((await answer.json()).length).toBeLessThanOrEqual(64);
  });

  it('with a body beyond the longest note is refused before it is read', async () => {
    const url = await serve({ actions });
    const headers = { Authorization: `Bearer ${url.searchParams.get('token')}`, 'X-Autopilot': 'page' };
    const post = { path: '/api/actions/studies/sample/notes', method: 'POST', headers };
    expect(await statusOf(url, { ...post, body: JSON.stringify({ text: 'x'.repeat(70_000) }) })).toBe(413);
    expect(await statusOf(url, { ...post, body: JSON.stringify({ text: 'x'.repeat(9000) }) })).toBe(200);
    const chunked = { ...headers, 'Transfer-Encoding': 'chunked' };
    expect(await statusOf(url, { ...post, headers: chunked, body: 'x'.repeat(70_000) })).toBe(413);
  });
});

it('two dashboards on one host do not take each other for their own', async () => {
  const [one, two] = [await serve({ actions }), await serve({ actions })];
  const enter = async (url: URL, cookie = '') => {
    const answer = await fetch(url, { redirect: 'manual', headers: { Cookie: cookie } });
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const first = await enter(one);
  const second = await enter(two, first);
  expect(first.split('=')[0]).not.toBe(second.split('=')[0]);
  const both = { headers: { Cookie: `${first}; ${second}` } };
  for (const { origin } of [one, two]) expect((await fetch(`${origin}/api/studies`, both)).status).toBe(200);
});
