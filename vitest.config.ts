import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Workspace packages resolve to their sources, so that no test needs a build. */
const conditions = ['@expand-contract/source', 'module', 'node', 'development|production']

/** They read files and need no server: `vitest run --project unit --project repository` starts none. */
const ABOUT_THE_REPOSITORY = ['test/architecture/**/*.test.ts', 'test/packaging/**/*.test.ts']

/** No test judges by time, and a machine that is shared may stand still for a while. */
const PATIENCE = 180_000

const WITH_TYPEORM = ['test/contract/typeorm.test.ts', 'test/typeorm/**/*.test.ts']

/** An older TypeORM for which `typeorm` stands, by the name of its copy; it runs some of what the newest does, or all of it. */
const typeormProject = (copy: string, sample = WITH_TYPEORM) => ({
  extends: true as const,
  resolve: {
    alias: [{ find: /^typeorm(?=$|\/)/u, replacement: join(import.meta.dirname, 'test/node_modules', copy) }],
  },
  test: {
    name: copy,
    env: { EC_TYPEORM_COPY: copy },
    include: process.env.EC_TYPEORM === 'full' ? WITH_TYPEORM : sample,
    globalSetup: './test/typeorm/older-typeorm-setup.ts',
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
  },
})

export default defineConfig({
  // Entities of TypeORM are written with the decorators that TypeORM supports.
  oxc: { decorator: { legacy: true } },
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
          testTimeout: PATIENCE,
        },
      },
      {
        extends: true,
        test: {
          name: 'repository',
          include: [...ABOUT_THE_REPOSITORY],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...ABOUT_THE_REPOSITORY],
          globalSetup: './test/support/postgres-global-setup.ts',
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
      typeormProject('typeorm-oldest'),
      typeormProject('typeorm-0.3', [
        'test/contract/typeorm.test.ts',
        'test/typeorm/{data-source,schema-builder,typeorm-version}.test.ts',
      ]),
    ],
  },
})
