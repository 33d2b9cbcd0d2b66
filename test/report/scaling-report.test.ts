import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../db/index.ts';
import { resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';
import { toHtml } from '../../src/report/document/html.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';
import { scaling } from '../../src/report/scaling.ts';
import { scalingLatex, scalingMarkdown } from '../../src/report/scaling-export.ts';
import { scalingReport } from '../../src/report/study-report/scaling-report.ts';
import { runScale } from '../../src/scale/run-scale.ts';
import { simulatedJobs } from '../engine/simulated-jobs.ts';

it('reports and exports a scaling: the answer, a row and a study for each number of workers, the whole config', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'scaling-report-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const parsed = studyConfig.parse({
    name: 'sim',
    trainer: { kind: 'simulated', noise: 0.001 },
    workers: 4,
    epochs: 20,
    setting: { initialLr: 0.1 },
    decision: { rule: 'nonInferiority' },
    baseline: { seeds: 3 },
    guideline: 'anytime',
    scale: { workers: [2, 4] },
  });
  const store = openStore({ path: ':memory:' });
  await runScale({
    config: resolveStudyConfig(parsed, directory),
    directory,
    store,
    launcher: simulatedJobs().launcher(),
  });
  const [study] = store.scalings();
  const { document, manifest } = scalingReport({ store, study: study!, asked: [2, 4, 8] });
  const markdown = toMarkdown(document);
  expect(document.title).toBe('sim-scale: how many workers without loss?');
  expect(markdown).toContain('no accuracy loss on 2 and 4 workers');
  expect(markdown).toContain('SIMULATED');
  expect(markdown).toMatch(/\| 4 \| noLoss \|/);
  expect(markdown).toMatch(/\| 8 \| not tried \|/);
  expect(markdown).toContain('autopilot scale study.yaml');
  expect(toHtml(document)).toContain('<svg');
  expect(manifest).toMatchObject({ scaling: { counts: [{ workers: 2 }, { workers: 4 }] }, studies: [{}, {}] });

  const data = scaling(store, study!, [2, 4, 8]);
  expect(scalingMarkdown(data).match(/^\| \d+ \|/gm)).toHaveLength(4);
  expect(scalingLatex(data).match(/ & noLoss & /g)).toHaveLength(2);
  store.close();
});
