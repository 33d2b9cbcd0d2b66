import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: ['test/support/scratch-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for processes, so two side by side on two cores too (the default would be one).
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Real MPI, Slurm, browsers and killed processes on a busy machine: one more try before it counts as broken.
    retry: process.env.CI ? 2 : 0,
    coverage: { provider: 'v8', include: ['schedules/**', 'machines/**', 'db/**', 'src/**'] },
  },
});
