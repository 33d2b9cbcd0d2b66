import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../db/index.ts';
import { actionText } from '../../machines/guideline/index.ts';
import { dashboardActions } from '../../src/cli/dashboard/actions.ts';
import type { StudyActions } from '../../src/dashboard/actions.ts';
import { type Dashboard, type DashboardOptions, startDashboard } from '../../src/dashboard/server.ts';
import { takeLease } from '../../src/engine/study/lease.ts';
import { sampleProject } from './sample-project.ts';

const open: Dashboard[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((dashboard) => dashboard.close()));
});

async function serve(options: Partial<DashboardOptions> = {}) {
  const project = options.project ?? sampleProject();
  const dashboard = await startDashboard({ project, port: 0, ...options });
  open.push(dashboard);
  const url = new URL(dashboard.url);
  const token = url.searchParams.get('token');
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  return { project, url, token, get: (path: string) => fetch(new URL(path, url), { headers }), headers };
}

describe('the dashboard server', () => {
  it('lists the studies with their last decision', async () => {
    const { get } = await serve();
    const body = await (await get('/api/studies')).json();
    expect(body.studies).toMatchObject([{ name: 'sample', workers: 18, outcome: null }]);
    expect(body.writable).toBe(false);
  });

  it("gives a study's baseline, its iterations with what changed, and the difference to the baseline", async () => {
    const { get } = await serve();
    const body = await (await get('/api/studies/sample')).json();
    expect(body.baseline.metrics.dice.mean).toBeCloseTo(0.849, 12);
    expect(body.baseline.metrics.dice.sd).toBeCloseTo(0.003, 12);
    expect(body.iterations[1].changes).toEqual([{ field: 'initialLr', from: 0.5, to: 0.25 }]);
    expect(body.iterations[1].metrics.dice.difference).toBeCloseTo(0.831 - 0.849, 12);
    expect(body.iterations[1].workerHours).toBeCloseTo(18 / 60, 12);
    expect(body.runList.filter((run: { state: string }) => run.state === 'running')).toMatchObject([
      { id: 'sample.iteration-2' },
    ]);
  });

  it("gives a run's curve, and the ends of its logs", async () => {
    const { get } = await serve();
    const run = await (await get('/api/runs/sample.iteration-2')).json();
    expect(run.curve).toHaveLength(20);
    expect(run.curve[0]).toMatchObject({ epoch: 1, phase: 'warmup', loss: 1 });
    expect(await (await get('/api/runs/sample.iteration-2/log')).json()).toEqual([
      { file: 'rank-0.log', lines: ['first line', 'last line'] },
    ]);
  });

  it('answers 304 without a body until what a page shows has changed', async () => {
    const { project, url } = await serve();
    const ask = (etag: string) =>
      fetch(new URL('/api/runs/sample.iteration-2', url), { headers: { 'If-None-Match': etag } });
    const first = await ask('"none"');
    const etag = first.headers.get('etag') ?? '';
    expect([first.status, (await first.json()).curve.length]).toEqual([200, 20]);
    const same = await ask(etag);
    expect([same.status, await same.text()]).toEqual([304, '']);
    const store = openStore({ path: join(project, 'autopilot.db') });
    store.insertEpoch({ ...store.lastEpochOf('sample.iteration-2')!, epoch: 21 });
    store.close();
    const changed = await ask(etag);
    expect([changed.status, (await changed.json()).curve.length]).toEqual([200, 21]);
  });

  it.each(['/api/studies/none', '/api/runs/none', '/api/compare?runs=none'])(
    'answers 404 in JSON for %s',
    async (path) => {
      const { get } = await serve();
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect((await answer.json()).error).toMatch(/No|None/);
    },
  );

  it('shows no file outside the run directory, whatever a row or a link says', async () => {
    const project = sampleProject();
    const run = 'sample.iteration-2';
    const own = join(project, 'runs', run);
    const secret = join(project, 'secret.png');
    writeFileSync(secret, 'a secret');
    writeFileSync(join(own, 'shown.png'), 'a picture');
    symlinkSync(secret, join(own, 'link.png'));
    symlinkSync(secret, join(own, 'logs', 'link.log'));
    symlinkSync('/nowhere', join(own, 'logs', 'dangling.log'));
    mkdirSync(join(project, 'logs'));
    writeFileSync(join(project, 'logs', 'engine.log'), 'a secret');
    const store = openStore({ path: join(project, 'autopilot.db') });
    const artifact = { studyId: 'sample', runId: run, kind: 'prediction', detail: null, timeMs: 1 };
    for (const path of [secret, join(own, 'link.png'), join(own, 'shown.png')])
      store.insertArtifact({ ...artifact, path });
    store.insertRun({ ...store.run(run)!, id: '..', key: 'climbs' });
    store.close();
    const { get } = await serve({ project });
    const status = async (file: string) => (await get(`/api/runs/${run}/prediction/${file}`)).status;
    expect(await Promise.all(['shown.png', 'secret.png', 'link.png'].map(status))).toEqual([200, 404, 404]);
    expect(await (await get(`/api/runs/${run}/log`)).json()).toMatchObject([{ file: 'rank-0.log' }]);
    const climbed = await get('/api/runs/sample.climbs/log');
    expect(climbed.status).toBe(500);
    expect(await climbed.json()).toEqual({ error: expect.stringContaining('names no folder in') });
  });

  it('says that something changed once another process writes', async () => {
    const { project, url, get } = await serve();
    const events = await get('/api/events?of=/studies/sample');
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: hello');
    const store = openStore({ path: join(project, 'autopilot.db') });
    store.insertNote({ studyId: 'sample', runKey: null, text: 'watch this', timeMs: 1 });
    store.close();
    expect((await reader.read()).value).toContain('event: changed');
    await reader.cancel();
    expect(url.hostname).toBe('127.0.0.1');
  });

  it('says that a study is there once it is stored, to a page that was opened before', async () => {
    const { project, get } = await serve();
    expect((await get('/api/studies/later')).status).toBe(404);
    const events = await get('/api/events?of=/studies/later');
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: hello');
    const store = openStore({ path: join(project, 'autopilot.db') });
    store.insertStudy({ ...store.study('sample')!, id: 'later', name: 'later' });
    store.close();
    expect((await reader.read()).value).toContain('event: changed');
    expect((await get('/api/studies/later')).status).toBe(200);
    await reader.cancel();
  });

  it('forbids inline scripts, foreign sources and framing', async () => {
    const { get } = await serve();
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it.each(['/', '/app.js', '/style.css', '/vendor/echarts.js'])('serves %s', async (path) => {
    const { get } = await serve();
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(500);
  });

  it('serves a program that has the words of tables and sentences, plots from its own folder, and no package of Node', async () => {
    const { get } = await serve();
    const answer = await get('/app.js');
    expect(answer.headers.get('content-type')).toContain('javascript');
    const program = await answer.text();
    expect(program).toContain(`extendDecay:"${actionText.extendDecay}"`);
    expect([...program.matchAll(/\bimport\b[^;]*?\bfrom"([^"]+)"/g)].map(([, from]) => from)).toEqual([
      '/vendor/echarts.js',
    ]);
    expect(gzipSync(program).length).toBeLessThan(40_000);
  });

  it('serves nothing from outside its own folder', async () => {
    const { url } = await serve();
    for (const path of ['/../server.ts', '/..%2fserver.ts', '/vendor/..%2f..%2fpackage.json', '/%2e%2e/server.ts']) {
      const status = await new Promise<number | undefined>((resolve) => {
        request({ host: url.hostname, port: url.port, path }, (response) =>
          resolve(response.resume().statusCode),
        ).end();
      });
      expect(status).toBe(404);
    }
  });

  it('refuses a request that came by a foreign name', async () => {
    const { url } = await serve();
    const status = await new Promise<number | undefined>((resolve) => {
      request({ host: url.hostname, port: url.port, headers: { Host: 'evil.example' } }, (response) =>
        resolve(response.resume().statusCode),
      ).end();
    });
    expect(status).toBe(421);
  });

  it('asks for the token when bound to other addresses, and lets in who has it', async () => {
    const { url, token, get } = await serve({ host: '0.0.0.0' });
    expect(token).toMatch(/^[\w-]{20,}$/);
    const local = new URL('/api/studies', `http://127.0.0.1:${url.port}`);
    expect((await fetch(local)).status).toBe(401);
    expect((await fetch(local, { headers: { Authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await fetch(local, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await get('/api/studies')).status).toBe(200);
  });

  it('has no actions when read-only, and needs its own header where it has', async () => {
    const readOnly = await serve();
    expect((await fetch(new URL('/api/actions/studies/sample/pause', readOnly.url), { method: 'POST' })).status).toBe(
      404,
    );

    const asked: string[] = [];
    const actions: StudyActions = {
      stopRun: (run) => asked.push(`stop ${run}`),
      pauseStudy: (study, { stopRuns }) => asked.push(`pause ${study} ${stopRuns}`),
      resumeStudy: (study) => asked.push(`resume ${study}`),
      cancelStudy: (study) => void asked.push(`cancel ${study}`),
      addNote: (study, note) => asked.push(`note ${study} ${note.text}`),
    };
    const { url, headers } = await serve({ actions });
    const pause = new URL('/api/actions/studies/sample/pause', url);
    expect((await fetch(pause, { method: 'POST' })).status).toBe(401);
    expect((await fetch(pause, { method: 'POST', headers })).status).toBe(403);
    expect((await fetch(pause, { method: 'POST', headers: { ...headers, 'X-Autopilot': 'page' } })).status).toBe(200);
    const note = new URL('/api/actions/studies/sample/notes', url);
    expect(
      (await fetch(note, { method: 'POST', headers: { ...headers, 'X-Autopilot': 'page' }, body: '{"text":""}' }))
        .status,
    ).toBe(400);
    expect(asked).toEqual(['pause sample false']);
  });

  it('gives the report, in a policy of its own, and the table in each format', async () => {
    const { get } = await serve();
    const report = await get('/api/takeaway/sample/report');
    expect([report.status, report.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    expect(report.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    );
    expect(await report.text()).toContain('<h1>');
    const table = await get('/api/takeaway/sample/table?format=csv');
    expect(table.headers.get('content-disposition')).toBe('attachment; filename="sample.csv"');
    expect(await table.text()).toMatch(/^study,iteration,action/);
    const statuses = ['json', 'markdown', 'latex', 'exe'].map(
      async (format) => (await get(`/api/takeaway/sample/table?format=${format}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404]);
    expect((await get('/api/takeaway/none/report')).status).toBe(404);
  });

  it('makes an archive for who may act, of a study that no process works on', async () => {
    const readOnly = await serve();
    const path = '/api/actions/studies/sample/archive';
    expect((await fetch(new URL(path, readOnly.url), { method: 'POST' })).status).toBe(404);

    const project = sampleProject();
    const actions = dashboardActions(project);
    const { url, headers, get } = await serve({ project, actions });
    const make = () =>
      fetch(new URL(path, url), { method: 'POST', headers: { ...headers, 'X-Autopilot': 'page' }, body: '{}' });
    const { address, name, bytes } = (await (await make()).json()) as { address: string; name: string; bytes: number };
    expect(name).toBe('sample.tar.gz');
    expect((await fetch(new URL(address, url))).status).toBe(401);
    const archive = await get(address);
    const content = new Uint8Array(await archive.arrayBuffer());
    expect([content.length, content[0], content[1]]).toEqual([bytes, 0x1f, 0x8b]);

    const store = openStore({ path: join(project, 'autopilot.db') });
    takeLease(store, store.study('sample')!);
    store.close();
    const refused = await make();
    expect(refused.status).toBe(409);
    expect((await refused.json()).error).toContain('an archive of it would not be consistent');
  });

  it('says what to do when the port is taken or there is no project', async () => {
    const { url } = await serve();
    await expect(startDashboard({ project: sampleProject(), port: Number(url.port) })).rejects.toThrow('--port');
    await expect(startDashboard({ project: '/nowhere', port: 0 })).rejects.toThrow('does not exist');
  });
});
