import { rmSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { toHtml } from '../../../src/report/document/html.ts';
import { toMarkdown } from '../../../src/report/document/markdown.ts';
import { scalingLatex, scalingMarkdown } from '../../../src/report/scaling/export.ts';
import { scaling } from '../../../src/report/scaling/scaling.ts';
import { scalingReport } from '../../../src/report/study-report/scaling-report.ts';
import { runScale } from '../../../src/scale/run-scale.ts';
import { simulatedScaling } from '../../support/simulated-scaling.ts';

it('reports and exports a scaling: the answer, a row and a study for each number of workers, the whole config', async () => {
  const { directory, store, options } = simulatedScaling();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await runScale(options);
  const [study] = store.scalings();
  const { document, manifest } = scalingReport({ store, study: study!, asked: [2, 4, 8] });
  const markdown = toMarkdown(document);
  expect(document.title).toBe('sim-scale: how many workers without loss?');
  expect(markdown).toContain('no accuracy loss on 2 and 4 workers');
  expect(markdown).toContain('SIMULATED');
  expect(markdown).toMatch(/\| 4 \| No accuracy loss \|/);
  expect(markdown).toMatch(/Made on.*grescale-autopilot/);
  expect(markdown).toMatch(/\| 8 \| not tried \|/);
  expect(markdown).toContain('autopilot scale study.yaml');
  expect(toHtml(document)).toContain('<svg');
  expect(manifest).toMatchObject({ scaling: { counts: [{ workers: 2 }, { workers: 4 }] }, studies: [{}, {}] });

  const data = scaling(store, study!, [2, 4, 8]);
  expect(scalingMarkdown(data).match(/^\| \d+ \|/gm)).toHaveLength(4);
  expect(scalingLatex(data).match(/ & noLoss & /g)).toHaveLength(2);
  store.close();
});
