import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { afterAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadStudyConfig } from '../../src/config/load.ts';
import { readConfigSource } from '../../src/config/source.ts';
import { AutopilotError } from '../../src/domain/errors.ts';
import { composeStudy } from '../../src/report/composed-study/composed-study.ts';
import { composedStudyText } from '../../src/report/composed-study/text.ts';
import { computedMs, mutate, randomOf, seed, times } from './random.ts';

const folder = mkdtempSync(join(tmpdir(), 'fuzz-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const examples = ['atrium', 'cerebellum', 'digits', 'pytorch-ddp'].map((name) => {
  const file = fileURLToPath(new URL(`../../examples/${name}/study.yaml`, import.meta.url));
  const config = parse(readFileSync(file, 'utf8'));
  if (config.data?.path) config.data = { kind: 'phantom' };
  return config;
});
const setting = { initialLr: 0.5, warmupEpochs: 3, decayEpochs: 5, decayShape: 'exponential', decayCoefficient: 3 };
const command = { kind: 'command', command: ['python3', 'train.py', '{workers}'], environment: { A: 'b' } };
const bases: Record<string, unknown>[] = [
  ...examples,
  {
    ...{ name: 'simulated', trainer: { kind: 'simulated', noise: 0.01 }, workers: 8, epochs: 20, setting },
    ...{ budget: { iterations: 5, hours: 2 }, timeouts: { startMinutes: 1, stopSeconds: 3 } },
    guideline: {
      ...{ name: 'x', threshold: 4 },
      actions: [
        { action: 'decreaseInitialLr', factor: 0.5, minimum: 1e-5 },
        { action: 'extendTraining', factor: 1.5, maximum: 3 },
        { action: 'changeOptimizer', optimizers: [{ optimizer: 'adam', initialLr: 0.001 }] },
      ],
    },
  },
  {
    ...{ name: 'slurm', trainer: command, workers: 16, epochs: 10, setting },
    launcher: { kind: 'slurm', partition: 'gpu', nodes: 4, time: '01:00:00', setup: ['module load x'], gres: 'gpu:2' },
  },
];

const tokens = [
  ':',
  '-',
  '&a ',
  '*a',
  '\t',
  '"',
  '{',
  '}',
  '[',
  ']',
  '!',
  '|',
  '%',
  '\u0000',
  '\r',
  '#',
  '---\n',
  '<<: *a',
];

function textOf(index: number): string {
  const random = randomOf(seed * 1_000_003 + index);
  const config = structuredClone(random.pick(bases));
  for (let changes = 1 + random.below(3); changes > 0; changes--) mutate(config, random);
  let text: string;
  try {
    text = stringify(config, { aliasDuplicateObjects: false });
  } catch {
    text = JSON.stringify(config);
  }
  if (random.next() < 0.15) {
    const at = random.below(text.length);
    text = text.slice(0, at) + random.pick(tokens) + text.slice(at + random.below(3));
  }
  if (random.next() < 0.01) text = '['.repeat(1000 + random.below(20_000));
  return text;
}

const count = 400 * times;

it(`${count} configs are planned or refused in words, none in more than 2 seconds`, () => {
  const file = join(folder, 'study.yaml');
  const wrong: string[] = [];
  let refused = 0;
  for (let index = 0; index < count; index++) {
    writeFileSync(file, textOf(index));
    const from = computedMs();
    try {
      const { config } = loadStudyConfig(file);
      const composed = composeStudy(config, readConfigSource(file).value);
      const text = composedStudyText(composed, { width: 100, colors: pc.createColors(false) });
      if (/\bundefined\b|\[object/.test(text)) wrong.push(`${index}: ${/.*(undefined|\[object).*/.exec(text)?.[0]}`);
      if (!config.setting || !(config.setting.initialLr <= 10_000)) wrong.push(`${index}: rate`);
    } catch (thrown) {
      if (thrown instanceof AutopilotError) refused += 1;
      else wrong.push(`${index}: ${thrown instanceof Error ? thrown.stack : thrown}`);
    }
    const ms = computedMs() - from;
    if (ms > 2000) wrong.push(`${index}: ${Math.round(ms)} ms`);
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(count / 4);
  expect(refused).toBeLessThan(count);
}, 3_600_000);
