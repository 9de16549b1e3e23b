import { defineConfig } from 'vitest/config'

/** Workspace packages resolve to their sources, so that no test needs a build. */
const conditions = ['@expand-contract/source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: './test/support/node-version.ts',
    maxWorkers: process.env.EC_TEST_WORKERS ?? 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: ['test/**/*.test.ts'],
          globalSetup: './test/support/postgres-global-setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
