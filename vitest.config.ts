import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Real MPI, Slurm, browsers and killed processes on a busy machine: one more try before it counts as broken.
    retry: process.env.CI ? 2 : 0,
    coverage: { provider: 'v8', include: ['schedules/**', 'machines/**', 'db/**', 'src/**'] },
  },
});
