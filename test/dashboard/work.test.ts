import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardActions } from '../../src/cli/dashboard/actions.ts';
import { dashboardWork, ensureStore } from '../../src/cli/dashboard/work.ts';
import { type Dashboard, startDashboard } from '../../src/dashboard/server.ts';
import { isHeld } from '../../src/engine/study/lease.ts';
import { readStore } from '../support/engine-process.ts';
import { present } from '../support/required.ts';

const executablePath = '/usr/bin/chromium';
const here = present('chromium', existsSync(executablePath), `${executablePath} is not installed`);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const patience = 300_000;

/** An empty project, and a root beside it with a folder of two files that are no scans. */
function scene() {
  const above = mkdtempSync(join(tmpdir(), 'page-work-'));
  const [project, root] = [join(above, 'project'), join(above, 'root')];
  mkdirSync(join(root, 'scans'), { recursive: true });
  writeFileSync(join(above, 'secret.txt'), 'secret');
  symlinkSync(above, join(root, 'way-out'));
  ensureStore(project);
  return { above, project, root };
}

async function serve(project: string, root: string): Promise<Dashboard> {
  const actions = dashboardActions(project);
  return startDashboard({ project, port: 0, actions, work: dashboardWork(project, [root]), isHeld });
}

const config = (more = '') => `name: typed
trainer: { kind: simulated }
workers: 4
epochs: 4
setting: { initialLr: 0.5 }
${more}`;

describe('what the page may start', () => {
  const { above, project, root } = scene();
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await serve(project, root);
  });
  afterAll(() => dashboard.close());

  const actions = '/api/actions/work';
  const post = async (path: string, body: unknown, headers: Record<string, string> = { 'X-Autopilot': 'page' }) => {
    const url = new URL(dashboard.url);
    const token = url.searchParams.get('token') ?? '';
    const response = await fetch(new URL(`${actions}${path}`, url), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json().catch(() => null)) as { error?: string } | null };
  };

  it('needs the token, and the header that no other page can send', async () => {
    const url = new URL(dashboard.url);
    const bare = await fetch(new URL(`${actions}/check`, url), { method: 'POST', body: '{}' });
    expect(bare.status).toBe(401);
    expect((await fetch(new URL('/api/folder?path=/', url))).status).toBe(401);
    expect((await post('/check', { text: config() }, {})).status).toBe(403);
  });

  it.each([
    ['a command', 'trainer: { kind: command, command: [touch, /tmp/x] }', 'trainer.kind is command'],
    ['a module', 'components: { loss: { module: ./x.mjs } }', 'components may name programs'],
    ['a launcher', 'launcher: { kind: mpi, mpirun: ./x }', 'launcher.kind is mpi'],
    ['a notification', 'notify: { command: [touch, /tmp/x] }', 'notify may name programs'],
    ['a deployment', 'deploy: { copy: none }', 'deploy may name programs'],
  ])('trains no config that names %s', async (_, more, reason) => {
    const text = more.startsWith('trainer') ? config().replace(/^trainer.*$/m, more) : config(more);
    const checked = await post('/check', { text });
    expect(JSON.stringify(checked.body)).toContain(reason);
    const { status, body } = await post('/studies', { text });
    expect(status).toBe(409);
    expect(body?.error).toContain(reason);
    expect(existsSync(join(project, 'studies'))).toBe(false);
  });

  it('says nothing of files outside', async () => {
    const text = config().replace('kind: simulated', 'kind: embedded');
    const { body } = await post('/check', {
      text: `${text}data: { kind: slices, path: ${join(above, 'secret.txt')} }\n`,
    });
    expect(JSON.stringify(body)).toContain('is not an absolute path below a root');
  });

  it.each([
    ['a folder outside', () => above],
    ['a way up', () => `${root}/../secret.txt`],
    ['a link that leads out', () => `${root}/way-out`],
    ['a relative path', () => 'root'],
    ['what begins like a root', () => `${root}-other`],
    ['an option', () => '--html=/tmp/x'],
  ])('reads no %s', async (_, path) => {
    const { status, body } = await post('/jobs', { kind: 'check', folder: path() });
    expect(status).toBe(409);
    expect(body?.error).toContain('is not below any of the roots');
  });

  const prep = (more: object) => {
    const form = { plane: 'axial', slices: 9, size: 64, train: 1, validation: 0, test: 1, more: '' };
    return { kind: 'prep', input: root, output: join(root, 'new'), ...form, ...more };
  };
  it.each([
    ['a field that no prep config has', 'spacing: [1, 1, 1]', /prep.yaml:.*spacing.*spacingMm/],
    ['no YAML', 'spacingMm: [1, 1', /more.yaml:1/],
    ['another folder to write to', 'output: /tmp', /leave output out/],
  ])('prepares nothing where the further fields hold %s', async (_, more, reason) => {
    const { status, body } = await post('/jobs', prep({ more }));
    expect([status, body?.error]).toEqual([409, expect.stringMatching(reason)]);
    expect(readdirSync(join(project, 'page-jobs'))).toEqual([]);
  });

  it('writes over nothing', async () => {
    writeFileSync(join(root, 'scans', 'kept.txt'), 'kept');
    const output = join(root, 'scans');
    const { body } = await post('/jobs', prep({ output }));
    expect(body?.error).toContain('is not empty');
  });
});

describe.runIf(here)('the page that starts things, in a real browser', () => {
  const { project, root } = scene();
  let browser: Browser;
  let dashboard: Dashboard;
  const problems: string[] = [];

  beforeAll(async () => {
    dashboard = await serve(project, root);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
  }, patience);

  async function open(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(dashboard.url);
    return page;
  }

  it(
    'starts a study from the form with the keyboard alone, its plan and price before the button',
    async () => {
      const page = await open('light', 1280);
      await page.getByRole('link', { name: 'New study' }).first().press('Enter');
      await page.getByLabel('Name').fill('first one');
      await page.getByText('letters, digits, "-" and "_"').waitFor();
      expect(await page.getByRole('button', { name: 'Start the study' }).isDisabled()).toBe(true);
      await page.getByLabel('Name').fill('typed');
      await page.getByLabel('Trainer').selectOption('simulated');
      await page.getByLabel('Epochs').fill('3');
      await page.getByLabel('Good enough').selectOption('thesis');
      const plan = page.getByText('typed: Can it be trained on 4 workers');
      await plan.waitFor({ timeout: patience });
      await expect.poll(() => plan.textContent()).toContain('warmup 1 epoch, stabilization 1 epoch, decay 1 epoch');
      expect(await plan.textContent()).toContain('at most    60 distributed runs');
      const start = page.getByRole('button', { name: 'Start the study' });
      await expect.poll(() => start.isDisabled()).toBe(false);
      await start.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Started here' }).waitFor();
      await expect
        .poll(() => readStore(project, (store) => store.study('typed')?.outcome), { timeout: patience })
        .toMatch(/noLoss|exhausted|budgetSpent/);
      const card = page.getByRole('listitem', { name: 'Study typed' });
      await card.getByText('done', { exact: true }).waitFor({ timeout: patience });
      await page.getByRole('link', { name: 'Study typed' }).click();
      await page.getByRole('heading', { name: 'typed' }).waitFor();

      await page.getByRole('link', { name: 'Studies' }).click();
      await page.getByText('1 of 1 study').waitFor();
      await page.getByLabel('Show').selectOption('open');
      await page.getByText('0 of 1 study').waitFor();
      await page.getByLabel('Show').selectOption('ended');
      await page.getByLabel('Search names, reasons, hosts, users').fill('TYP');
      await page.getByText('1 of 1 study').waitFor();
      await page.getByLabel('Group by').selectOption('host');
      await page.getByRole('heading', { level: 2, name: hostname() }).waitFor();
      expect(new URL(page.url()).hash).toBe('#/?find=TYP&only=ended&group=host');
      await page.reload();
      await page.getByText('1 of 1 study').waitFor();
      expect(await page.getByLabel('Search names, reasons, hosts, users').inputValue()).toBe('TYP');
    },
    patience,
  );

  it(
    'shows what a command says, and that it failed',
    async () => {
      const page = await open('dark', 390);
      await page.getByRole('link', { name: 'Work' }).click();
      await page.getByText('Check data', { exact: true }).first().click();
      const form = page.getByRole('form', { name: 'Check data' });
      await form.getByLabel('Folder of scans and masks', { exact: true }).fill(join(root, 'scans'));
      await form.getByRole('button', { name: 'Check data' }).click();
      await form.getByText('Started; its output is below.').waitFor();
      const card = page.getByRole('listitem', { name: /^Check of/ });
      await card.getByText(/failed \(exit code 1\)/).waitFor({ timeout: patience });
      const asked = async (seen: string) =>
        (await page.request.get(new URL(`/api/work${seen}`, dashboard.url).href)).json();
      const [{ id, logBytes, log }] = (await asked('')).jobs;
      await card.getByText(log.at(-1)).waitFor();
      // A log that has not grown is not sent again, and stays on the page.
      expect((await asked(`?seen=${id}:${logBytes}`)).jobs[0]).toMatchObject({ id, logBytes, log: null });
      expect((await asked(`?seen=${id}:${logBytes - 1}`)).jobs[0].log).toEqual(log);
    },
    patience,
  );

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('breaks no rule of accessibility, %s on %i pixels', { timeout: patience }, async (scheme, width) => {
    const page = await open(scheme, width);
    for (const hash of ['#/', '#/new', '#/work']) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (hash !== '#/') await page.locator('summary').first().click();
      await page.evaluate(axeSource);
      const { violations } = (await page.evaluate('axe.run(document)')) as { violations: { id: string }[] };
      expect(violations.map(({ id }) => id)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
    }
    expect(problems).toEqual([]);
  });
});
