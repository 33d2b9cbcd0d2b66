import { describe, expect, it } from 'vitest';
import { parseStudyConfig } from '../../../src/config/load.ts';
import { dryRun } from '../../../src/engine/study/dry-run.ts';

function shown(baseline: object) {
  const config = parseStudyConfig(
    {
      name: 'dry',
      workers: 4,
      epochs: 3,
      trainer: { kind: 'simulated' },
      setting: { initialLr: 0.1, warmupEpochs: 1 },
      decision: { rule: 'thesis', metrics: ['dice'] },
      baseline,
    },
    '/',
  );
  const { data, text } = dryRun({ config, directory: '/project' });
  return { keys: [...data.baseline, ...data.first].map(({ key }) => key), givenRuns: data.givenRuns, text };
}

describe('a dry run', () => {
  it('shows the runs of the baseline, and how the first of them would start', () => {
    const { keys, givenRuns, text } = shown({ seeds: 2 });
    expect(keys).toEqual(['baseline-1', 'baseline-2', 'iteration-0']);
    expect(givenRuns).toBe(0);
    expect(text).toContain('1. Baseline: 2 runs of one worker.');
    expect(text).toContain('\nbaseline-1: 1 worker');
  });

  it.each([{ runs: [{ dice: 0.8 }, { dice: 0.81 }] }, { mean: { dice: 0.8 }, sd: { dice: 0.01 }, n: 2 }])(
    'starts nothing of a baseline that the config gives: %j',
    (baseline) => {
      const { keys, givenRuns, text } = shown(baseline);
      expect(keys).toEqual(['iteration-0']);
      expect(givenRuns).toBe(2);
      expect(text).toContain('1. Baseline: given, 2 runs; nothing is trained.');
      expect(text).not.toContain('\nbaseline-1');
    },
  );
});
