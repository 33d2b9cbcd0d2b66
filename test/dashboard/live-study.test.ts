import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore, type Store } from '../../db/index.ts';
import { dashboardActions } from '../../src/cli/dashboard/actions.ts';
import { type Dashboard, startDashboard } from '../../src/dashboard/server.ts';
import type { StudyEnd } from '../../src/engine/plans/plan.ts';
import { isHeld } from '../../src/engine/study/lease.ts';
import { runStudy } from '../../src/engine/study/run-study.ts';
import { exampleConfig, temporaryProject } from '../engine/example-study.ts';
import { present } from '../support/required.ts';
import { folderOf } from '../support/stored-run.ts';

const executablePath = '/usr/bin/chromium';
const here = present('chromium', existsSync(executablePath), `${executablePath} is not installed`);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const patience = 60_000;

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

describe.runIf(here)('the page in a real browser, beside a live study', () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let store: Store;
  let ended: Promise<StudyEnd>;
  const problems: string[] = [];
  /** The training of the first run, which stands still until the page shows it. */
  let training: number;

  beforeAll(async () => {
    const project = temporaryProject();
    store = openStore({ path: join(project, 'autopilot.db') });
    const config = exampleConfig({
      trainer: { kind: 'simulated', epochMs: 150 },
      budget: { iterations: 2 },
      concurrentRuns: 1,
    });
    ended = runStudy({ config, directory: project, store });
    training = await heldTraining(project, 'example.baseline-1');
    dashboard = await startDashboard({ project, port: 0, actions: dashboardActions(project), isHeld });
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }, patience);

  afterAll(async () => {
    resumeProcess(training);
    await browser?.close();
    await dashboard?.close();
    await ended;
    store?.close();
  }, patience);

  async function open(colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: false });
    const page = await context.newPage();
    // A policy that was broken is an error on the console too.
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(dashboard.url);
    return page;
  }

  it(
    'shows the state move, the curve grow, a note and a pause taken, and at last the outcome',
    async () => {
      const page = await open();
      await page.getByRole('link', { name: 'example' }).click();
      await page.getByText('Running now:').waitFor();
      await page.getByRole('link', { name: 'baseline-1' }).first().click();
      const chart = page.getByRole('img', { name: /Loss over \d+ epochs?/ });
      await chart.waitFor();
      const epochs = async () => Number(/over (\d+) epochs?/.exec((await chart.getAttribute('aria-label')) ?? '')?.[1]);
      const before = await epochs();
      resumeProcess(training);
      await expect.poll(epochs, { timeout: patience }).toBeGreaterThan(before);

      await page.getByRole('link', { name: '← example' }).click();
      await page.getByLabel('Add a note').fill('watched from a test');
      await page.getByRole('button', { name: 'Save note' }).click();
      await page.getByText('watched from a test').waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByText('Asked to pause.').waitFor();
      await expect
        .poll(() => store.eventsOf('example', { types: ['study.paused'] }).length, { timeout: patience })
        .toBe(1);
      expect(store.runsOf('example').filter(({ state }) => state === 'running')).toEqual([]);
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByText('Asked to resume.').waitFor();

      const end = await ended;
      const shown = { noLoss: 'No accuracy loss', budgetSpent: 'The budget is spent' } as Record<string, string>;
      const outcome = end.state === 'ended' ? (shown[end.outcome] ?? end.outcome) : 'stopped';
      await page.locator('.answer').getByText(outcome).first().waitFor();
      expect(problems).toEqual([]);
      await page.context().close();
    },
    2 * patience,
  );

  it(
    'draws each class by epoch, and looks closer at the epochs that a mouse was dragged across',
    async () => {
      await ended;
      const baseline = store.runsOf('example').find(({ key }) => key === 'baseline-1')!;
      for (const epoch of store.epochsOf(baseline.id)) {
        const dice = epoch.metrics?.dice ?? 0;
        store.insertEpoch({ ...epoch, classes: { liver: { dice }, tumour: { dice: dice / 2 } } });
      }
      const page = await open();
      await page.goto(`${dashboard.url}#/run/example.baseline-1`);
      const chart = page.getByRole('img', { name: /^dice of liver, tumour over \d+ epochs/ });
      await chart.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await chart.boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + 0.8 * width, y + height / 2, { steps: 3 });
      await page.mouse.up();
      const from = page.getByLabel('From epoch');
      await expect.poll(async () => Number(await from.inputValue())).toBeGreaterThan(1);
      expect(page.url()).toContain(`from=${await from.inputValue()}`);
      expect(await page.getByRole('button', { name: 'tumour' }).getAttribute('aria-pressed')).toBe('true');
      await page.getByRole('button', { name: 'All epochs' }).click();
      expect(await from.inputValue()).toBe('');
      expect(problems).toEqual([]);
      await page.context().close();
    },
    patience,
  );

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'has no serious accessibility problem, nothing wider than the screen and no error, %s, %i pixels wide',
    async (scheme, width) => {
      await ended;
      const page = await open(scheme, width);
      const found: string[] = [];
      const compared = ['example.baseline-1', 'example.iteration-1'].map(encodeURIComponent).join(',');
      const views = [
        '#/run/example.baseline-1?smooth=0.6&log=loss&from=2',
        `#/compare/${compared}?by=setting&only=differences`,
      ];
      for (const hash of ['#/?group=outcome', '#/study/example', ...views]) {
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await page.locator('main h1').waitFor();
        await page.evaluate(axeSource);
        const { violations } = (await page.evaluate('axe.run(document)')) as AxeResult;
        for (const { id, impact, nodes } of violations) {
          if (impact === 'serious' || impact === 'critical') found.push(`${hash} ${id}: ${nodes[0]?.html}`);
        }
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wider > 0) found.push(`${hash} is ${wider} pixels wider than the screen`);
        const { AUTOPILOT_PICTURES: pictures } = process.env;
        if (pictures) {
          const name = `dashboard-${hash.split(/[/?]/)[1] || 'studies'}-${scheme}-${width}.png`;
          await page.screenshot({ path: join(pictures, name), fullPage: true });
        }
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    },
    patience,
  );
});

/** Stops the process that trains a run, as soon as it has told of an epoch. */
async function heldTraining(project: string, run: string): Promise<number> {
  const events = () => readFileSync(join(folderOf(project, run), 'events.ndjson'), 'utf8');
  await vi.waitFor(() => expect(events()).toContain('"epoch"'), { timeout: patience, interval: 5 });
  const runDirectory = folderOf(project, run);
  const pid = readdirSync('/proc').find((name) => {
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').includes(`AUTOPILOT_RUN=${runDirectory}\0`);
    } catch {
      return false;
    }
  });
  if (pid === undefined) throw new Error(`nothing trains ${runDirectory}`);
  process.kill(Number(pid), 'SIGSTOP');
  return Number(pid);
}

function resumeProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended.
  }
}
