import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadStudyConfig } from '../../../src/config/load.ts';
import { checkComponents } from '../../../src/engine/study/check-components.ts';
import { goodModules } from './modules.ts';

/** The error of a study with these modules; null when they pass. */
async function problemOf(modules: Record<string, string>, seconds = 60): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'broken-'));
  const places = Object.entries(modules).map(([place, text]) => {
    writeFileSync(join(folder, `${place}.mjs`), text);
    const its = `{ module: ${place}.mjs }`;
    return place === 'metrics' || place === 'callbacks' ? `  ${place}: [${its}]` : `  ${place}: ${its}`;
  });
  const optimizer = 'optimizer' in modules ? 'custom' : 'sgd';
  const data = 'dataset' in modules ? '' : 'data: { kind: phantom, size: 8, trainSlices: 8, testSlices: 2 }';
  const text = `name: s\nworkers: 2\nepochs: 4\nsetting: { initialLr: 0.1, warmupEpochs: 1, optimizer: ${optimizer} }\n${data}\ncomponents:\n${places.join('\n')}\n`;
  writeFileSync(join(folder, 'study.yaml'), text);
  try {
    await checkComponents(loadStudyConfig(folder).config, { seconds });
    return null;
  } catch (error) {
    return String(error);
  }
}

const helper = (name: string) => `import { ${name} } from 'grescale-autopilot/components';\n`;

describe('a broken module', () => {
  it('is told from good ones, which all pass together', async () => {
    const { metric, callback, ...others } = goodModules;
    expect(await problemOf({ ...others, metrics: metric, callbacks: callback })).toBeNull();
  });

  it.each([
    [
      'throws on load',
      'loss',
      'throw new Error("no such table");',
      /components\.loss .*loss\.mjs\) cannot be loaded: no such table/,
    ],
    ['has a syntax error', 'loss', 'export default {', /components\.loss .*cannot be loaded/],
    [
      'has no default export',
      'loss',
      'export const loss = 1;',
      /no default export; end it with "export default defineLoss/,
    ],
    [
      'is of another kind',
      'architecture',
      goodModules.loss,
      /made by defineLoss; this place needs "export default defineArchitecture/,
    ],
    [
      'lacks a function',
      'optimizer',
      `${helper('defineOptimizer')}export default defineOptimizer({ slots: [] });`,
      /defineOptimizer needs "update" \(function\); it is missing/,
    ],
    [
      'gives scores of the wrong shape',
      'architecture',
      goodModules.architecture.replace('shape.classes.length', '5'),
      /gives \[2, 8, 8, 5\], but it must give \[2, 8, 8, 2\]/,
    ],
    [
      'gives a loss that is no scalar',
      'loss',
      goodModules.loss.replace('tf.mean(', 'tf.abs('),
      /must return a scalar tensor, but it returns a tensor \[2, 8, 8, 2\]/,
    ],
    [
      'gives a loss that is a sum',
      'loss',
      goodModules.loss.replace('tf.mean(', 'tf.sum('),
      /must be a mean over images/,
    ],
    [
      'ignores the scores',
      'loss',
      goodModules.loss.replace('tf.softmax(scores)', 'tf.mul(scores, 0)'),
      /does not change with the scores/,
    ],
    ['labels outside its classes', 'dataset', goodModules.dataset.replace('? 1 : 0', '? 7 : 0'), /holds class 7/],
    [
      'has too few labels',
      'dataset',
      goodModules.dataset.replace('count * size * size }', 'count * size }'),
      /must be a Float32Array of 24 × 8 × 8 × 1/,
    ],
    [
      'misspells a hook',
      'callbacks',
      `${helper('defineCallback')}export default defineCallback({ onEpochs() {} });`,
      /"onEpochs" is not a hook; hooks: onStart/,
    ],
    [
      'averages to another length',
      'strategy',
      goodModules.strategy.replace('return sum', 'return sum.subarray(1)'),
      /must return a Float32Array of 4 values, but it returns one of 3/,
    ],
    [
      'counts other than it says',
      'metrics',
      goodModules.metric.replace('counts: 2', 'counts: 3'),
      /count gives 2 numbers, "counts" says 3/,
    ],
    ['ends the process', 'loss', 'process.exit(3);', /components\.loss .* made its process exit/],
  ])('that %s is named with the fix', async (_, place, text, message) => {
    expect(await problemOf({ [place]: text })).toMatch(message);
  });

  // Side by side: each takes its whole time limit.
  it('that hangs in a loop, or waits for good, is ended after the time limit', async () => {
    const waits = 'setInterval(() => {}, 1000); await new Promise(() => {});';
    const problems = await Promise.all(['for (;;);', waits].map((loss) => problemOf({ loss }, 15)));
    for (const problem of problems)
      expect(problem).toMatch(/components\.loss .*loss\.mjs\) did not return within 15 s; move/);
  });

  it('that hangs in one of its functions is named with that function', async () => {
    const loops = goodModules.loss.replace('tf.mean', '(() => { for (;;); })() ?? tf.mean');
    const waits = goodModules.dataset
      .replace('load(', 'async load(')
      .replace('return { name', 'setInterval(() => {}, 1000); await new Promise(() => {}); return { name');
    const [loss, dataset] = await Promise.all([problemOf({ loss: loops }, 15), problemOf({ dataset: waits }, 15)]);
    expect(loss).toMatch(/components\.loss .*loss\.mjs\): loss did not return within 15 s; what it waits for/);
    expect(dataset).toMatch(/components\.dataset .*: load did not return within 15 s/);
  });
});
