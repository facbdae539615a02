import { defineConfig } from 'vitest/config';

// engine: tests that run real containers or read the real archive. They share one engine and 2 cores, so one at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.engine.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Vitest's own is one less than there are processors. Most of these wait for programs that they start.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['test/**/*.engine.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          globalSetup: ['test/helpers/engine-setup.ts'],
        },
      },
    ],
  },
});
