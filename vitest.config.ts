import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import LongestFirst from './test/runner/longest-first.ts';

/** What starts no process and changes none of its own: many files in one worker, which loads what they share once. */
const pure = ['config', 'domain', 'machines', 'report', 'schedules', 'segeval'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'], exclude: pure },
      },
    ],
    globalSetup: ['test/runner/scratch-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // An event is waited for as long as its test may take; a second, vitest's default, fails on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Many tests wait for processes, so two side by side on two cores too (the default would be one).
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: { provider: 'v8', include: ['schedules/**', 'machines/**', 'db/**', 'src/**'] },
  },
});
