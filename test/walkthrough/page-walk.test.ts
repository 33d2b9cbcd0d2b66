import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mainWords } from '../cli/run-cli.ts';
import { present } from '../support/required.ts';

const executablePath = '/usr/bin/chromium';
const python = '/usr/bin/python3';
const here = present(
  'chromium',
  existsSync(executablePath) &&
    existsSync('/usr/share/mricron/templates/ch2.nii.gz') &&
    spawnSync(python, ['-c', 'import nibabel, numpy']).status === 0,
  'the walk through the page needs chromium, Debian’s mricron-data and python3-nibabel',
);
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const patience = 900_000;
/** A folder for the pictures of docs/dashboard.md, which are drawn only where it is named. */
const pictures = process.env.WALK_PICTURES;
const cases = ['human_0', 'human_1', 'human_2', 'human_3'];

/** Four slabs of a real head with their masks, as a Decathlon data set. */
function layScans(root: string): void {
  const script = fileURLToPath(new URL('../imgmed/make-decathlon.py', import.meta.url));
  expect(spawnSync(python, [script, join(root, 'brains')]).status).toBe(0);
  rmSync(join(root, 'brains', 'imagesTs'), { recursive: true });
  for (const folder of ['imagesTr', 'labelsTr']) rmSync(join(root, 'brains', folder, 'macaque_0.nii.gz'));
  const file = join(root, 'brains', 'dataset.json');
  const set = JSON.parse(readFileSync(file, 'utf8')) as { training: { image: string }[] };
  const training = set.training.filter(({ image }) => image.includes('human'));
  writeFileSync(file, JSON.stringify({ ...set, training, numTraining: 4, test: [], numTest: 0 }));
}

describe.runIf(here)('someone with a folder of scans, a browser and no mouse', () => {
  const above = mkdtempSync(join(tmpdir(), 'page-walk-'));
  const [project, root] = [join(above, 'project'), join(above, 'data')];
  let browser: Browser;
  let server: ChildProcess;
  let url: string;
  const problems: string[] = [];

  beforeAll(async () => {
    mkdirSync(root);
    layScans(root);
    const [program = '', ...own] = mainWords;
    const words = ['dashboard', '--project', project, '--root', root, '--port', '0', '--token', 'a-token-of-the-walk'];
    server = spawn(process.execPath, [program, ...own, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(server.stdout!, 'data')) as [Buffer];
    url = /http:\S+/.exec(said.toString())?.[0] ?? '';
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  }, patience);

  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGTERM');
    if (server && server.exitCode === null) await once(server, 'exit');
  }, patience);

  async function open(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 900 } })).newPage();
    page.setDefaultTimeout(240_000);
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(url);
    return page;
  }

  it(
    'comes to predictions, and to how good they are, in the page alone',
    async () => {
      const page = await open('light', 1280);
      const { keyboard } = page;
      const reach = async (target: Locator) => {
        await target.waitFor();
        for (let presses = 0; presses < 200; presses += 1) {
          if (await target.evaluate((element) => element === document.activeElement)) return;
          await keyboard.press('Tab');
        }
        throw new Error(`Tab does not reach ${target}`);
      };
      const press = async (target: Locator, key = 'Enter') => {
        await reach(target);
        await keyboard.press(key);
      };
      const type = async (target: Locator, text: string) => {
        await reach(target);
        await keyboard.press('Control+A');
        await keyboard.type(text);
      };
      const form = (name: string) => page.getByRole('form', { name });
      const field = (name: string, label: string) => form(name).getByLabel(label, { exact: true });
      const card = (title: RegExp) => page.getByRole('listitem', { name: title });
      const done = (title: RegExp) => card(title).getByText('done', { exact: true }).waitFor();
      const next = async (title: RegExp, words: string) => {
        await done(title);
        await press(card(title).getByRole('link', { name: words }));
      };

      await press(page.getByRole('link', { name: 'Work' }).first());
      await press(page.locator('summary').filter({ hasText: 'Check data' }));
      await press(form('Check data').getByRole('button', { name: 'Browse: Folder of scans and masks' }));
      await press(form('Check data').getByRole('button', { name: 'brains/' }));
      await press(form('Check data').getByRole('button', { name: 'Use this folder' }));
      await press(form('Check data').getByRole('button', { name: 'Check data' }));
      await done(/^Check of/);
      expect(await card(/^Check of/).textContent()).toContain('4 cases (msd), 0 errors');

      await next(/^Check of/, 'Prepare slices of it');
      await reach(field('Prepare slices', 'Plane'));
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      expect(await field('Prepare slices', 'Plane').inputValue()).toBe('sagittal');
      await type(field('Prepare slices', 'Slices of each scan'), '12');
      await type(field('Prepare slices', 'Height and width'), '32');
      await type(field('Prepare slices', 'Training share'), '2');
      await type(field('Prepare slices', 'Test share'), '1');
      await press(form('Prepare slices').getByRole('button', { name: 'Preview a few' }));
      await done(/^Preview of/);
      await card(/^Preview of/)
        .locator('img')
        .first()
        .waitFor();
      await draw(page, 'work-preview');
      await next(/^Preview of/, 'Prepare slices like this');
      await press(form('Prepare slices').getByRole('button', { name: 'Prepare slices' }));

      await next(/^Slices of/, 'New study on these slices');
      expect(await field('Study', 'Name').inputValue()).toBe('brains');
      await reach(field('Study', 'Network'));
      await keyboard.press('ArrowDown');
      await type(field('Study', 'Channels'), '4');
      await type(field('Study', 'Workers'), '2');
      await type(field('Study', 'Batch per worker'), '4');
      await type(field('Study', 'Epochs'), '10');
      await type(field('Study', 'Initial rate'), '0.1');
      await reach(field('Study', 'Optimizer'));
      await keyboard.press('ArrowDown');
      await reach(field('Study', 'Good enough'));
      await keyboard.press('ArrowDown');
      await type(field('Study', 'Maximum iterations'), '1');
      const start = page.getByRole('button', { name: 'Start the study' });
      const plan = page.getByLabel('Plan and price');
      await expect.poll(() => plan.textContent(), { timeout: patience }).toContain('1 iteration at most');
      await draw(page, 'work-new-study');
      await press(start);

      await next(/^Study brains/, 'Keep one of its models');
      await expect.poll(() => field('Keep a model', 'Run').inputValue()).toMatch(/^brains\./);
      await press(form('Keep a model').getByRole('button', { name: 'Keep a model' }));

      await next(/^Model brains/, 'Predict with it');
      await type(field('Predict', 'A scan, or a folder of them'), join(root, 'brains', 'imagesTr'));
      await press(form('Predict').getByRole('button', { name: 'Predict' }));
      await done(/^Prediction of/);
      const predictions = join(root, 'brains', 'imagesTr-predictions');
      expect(readdirSync(predictions).sort()).toEqual([...cases.map((name) => `${name}.nii.gz`), 'pictures']);

      await next(/^Prediction of/, 'Compare the masks with true ones');
      await type(field('Evaluate', 'Folder of true masks'), join(root, 'brains', 'labelsTr'));
      await type(field('Evaluate', 'Classes'), '1=brain');
      await press(form('Evaluate').getByRole('button', { name: 'Evaluate' }));
      await done(/^Evaluation of/);
      await expect.poll(() => card(/^Evaluation of/).textContent()).toContain('brain:');
      await card(/^Evaluation of/)
        .getByRole('link', { name: 'box-plots' })
        .waitFor();
      await draw(page, 'work-predictions');
      expect(problems).toEqual([]);
      await page.context().close();
    },
    patience,
  );

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'finds all of it accessible afterwards, %s on %i pixels',
    { timeout: patience },
    async (scheme, width) => {
      const page = await open(scheme, width);
      for (const hash of ['#/work?open=predict', '#/new', '#/study/brains']) {
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await page
          .getByRole('heading', {
            level: 1,
            name: { '#/new': 'New study', '#/study/brains': 'brains' }[hash] ?? 'Work',
          })
          .waitFor();
        await page
          .getByRole('button', {
            name: { '#/new': 'Start the study', '#/study/brains': 'Make an archive' }[hash] ?? 'Predict',
          })
          .first()
          .waitFor();
        await page.evaluate(axeSource);
        const { violations } = (await page.evaluate('axe.run(document)')) as {
          violations: { id: string; nodes: unknown }[];
        };
        expect(violations.map(({ id }) => id)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await draw(page, `work-${scheme}-${hash.replace(/\W+/g, '')}`);
      }
      expect(problems).toEqual([]);
      await page.context().close();
    },
  );
});

async function draw(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  // Pictures of a job are loaded when they come into view.
  for (const image of await page.locator('img').all()) await image.scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
