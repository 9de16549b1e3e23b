import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackedEnvironment } from './packed-environment.ts'
import { runCommand } from './run-command.ts'

type Files = Readonly<Record<string, string>>
type Kind = 'module' | 'commonjs'

const config = (text: string): string =>
  `import { type Config, defineConfig } from '@expand-contract/cli'\nexport default defineConfig({ ${text} } satisfies Config)\n`

const declared = (type: string): string =>
  `import { renameColumn } from '@expand-contract/core'\n${type}\nexport const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]\n`

const JS: Readonly<Record<Kind, Files>> = {
  module: {
    'expand-contract.config.js': "export default { migrations: './migrations.js' }",
    'migrations.js': declared(''),
  },
  commonjs: {
    'expand-contract.config.js': "module.exports = { migrations: './migrations.js' }",
    'migrations.js':
      "const { renameColumn } = require('@expand-contract/core')\nexports.all = [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })]",
  },
}

/** As the README of the package has it: the type of the column comes from that of the property. */
const entity = (column: string): string => `
  import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
  import { Column, Entity, PrimaryColumn } from 'typeorm'
  @Entity('users')
  class User {
    @PrimaryColumn({ type: 'int' })
    id!: number

    @Column(${column})
    @MigratingColumn({ to: { name: 'full_name', type: 'text' } })
    name!: string
  }
  export const dataSource = new MigratingDataSource({ type: 'postgres', entities: [User] })`

const TSCONFIG = {
  target: 'es2022',
  module: 'nodenext',
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  strict: true,
  types: [],
}
const tsconfig = (more: object = {}): Files => ({
  'tsconfig.json': JSON.stringify({ compilerOptions: { ...TSCONFIG, ...more } }),
})

const dataSource = (column: string, more = ''): Files => ({
  ...tsconfig(),
  'expand-contract.config.ts': config(`typeorm: { dataSource: './data-source.ts' }${more}`),
  'data-source.ts': entity(column),
})

/** Every way in which a project may say what it migrates, by name. */
const PROJECTS: readonly (readonly [name: string, files: (kind: Kind) => Files])[] = [
  ...(['ts', 'mts'] as const).map(
    (extension) =>
      [
        `a configuration in .${extension}`,
        () => ({
          [`expand-contract.config.${extension}`]: config(`migrations: './migrations.${extension}'`),
          [`migrations.${extension}`]: declared('enum Kind { A }\nexport const kind: Kind = Kind.A'),
        }),
      ] as const,
  ),
  ['a configuration in .js', (kind) => JS[kind]],
  [
    'a configuration in .mjs',
    () => ({
      'expand-contract.config.mjs': "export default { migrations: './migrations.mjs' }",
      'migrations.mjs': declared(''),
    }),
  ],
  ...(['native', 'jiti', 'tsx', 'swc'] as const).map(
    (loader) =>
      [
        `loader ${loader}`,
        () => ({
          ...tsconfig(),
          'expand-contract.config.mts': config(`migrations: './migrations.mts', loader: '${loader}'`),
          'migrations.mts': declared('export interface Nothing { readonly nothing: string }'),
        }),
      ] as const,
  ),
  ['a TypeORM data source by @swc-node/register', () => dataSource('')],
  ['a TypeORM data source by tsx', () => dataSource("{ type: 'text' }", ", loader: 'tsx'")],
  [
    'a TypeORM data source that is compiled',
    () => ({
      ...tsconfig({ outDir: 'dist', rootDir: '.' }),
      'data-source.ts': entity(''),
      'expand-contract.config.mts': config("typeorm: { dataSource: './dist/data-source.js' }"),
    }),
  ],
  [
    'a Drizzle schema behind an alias',
    () => ({
      ...tsconfig({ paths: { '@db/*': ['./src/db/*'] } }),
      'expand-contract.config.ts': config("drizzle: { schema: './src/schema.ts' }"),
      'src/schema.ts': "export * from '@db/users'",
      'src/db/users.ts': `import { migrating } from '@expand-contract/drizzle'
        import { integer, pgTable, text } from 'drizzle-orm/pg-core'
        export const users = pgTable('users', { id: integer('id').primaryKey(), name: migrating(text('name'), { to: text('full_name') }) })`,
    }),
  ],
]

/** What a package's type makes a difference for: the rest says itself what it is. `EC_PACKAGING=full` has all of both. */
const BY_TYPE = ['a configuration in .ts', 'a configuration in .js', 'a TypeORM data source by @swc-node/register']
const projectsOf = (kind: Kind): typeof PROJECTS =>
  kind === 'module' || process.env.EC_PACKAGING === 'full'
    ? PROJECTS
    : PROJECTS.filter(([name]) => BY_TYPE.includes(name))

/** The packed command line, in projects of every kind, by a plain `node`. */
export function describeConfigurations(environment: () => PackedEnvironment): void {
  describe('the command line', () => {
    let alone: string
    const inProject = (path: string): string => join(environment().project.folder, 'node_modules', path)
    const bin = (): string => inProject('.bin/expand-contract')

    beforeAll(async () => {
      alone = await mkdtemp(join(tmpdir(), 'expand-contract-alone-'))
    })
    afterAll(() => rm(alone, { recursive: true, force: true }))

    async function write(folder: string, kind: Kind, files: Files): Promise<void> {
      const manifest = { 'package.json': JSON.stringify({ private: true, type: kind }) }
      for (const [file, text] of Object.entries({ ...manifest, ...files })) {
        await mkdir(dirname(join(folder, file)), { recursive: true })
        await writeFile(join(folder, file), text)
      }
    }

    /** Declarations are read ahead of the database, which refuses. */
    const planned = (folder: string): Promise<string> =>
      runCommand(
        { cwd: folder, env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', NODE_PATH: '' } },
        ...([process.execPath, bin(), 'plan', 'users.full_name', '--json', '--quiet'] as const),
      ).catch((error: Error) => error.message)

    describe.each(['module', 'commonjs'] as const)('in a project of the type %s', (kind) => {
      it.each(projectsOf(kind))('takes %s', async (name, files) => {
        const folder = join(environment().project.folder, `configured-${kind}`, name.replaceAll(/\W+/gu, '-'))
        const written = files(kind)
        await write(folder, kind, written)
        if (written['tsconfig.json']?.includes('outDir'))
          await runCommand(folder, process.execPath, inProject('typescript/bin/tsc'), '-p', '.')
        const out = await planned(folder)
        expect(out).toContain('"migration":"users.full_name"')
        expect(out).toContain('"code":"EC_CONNECTION"')
      })
    })

    it.each([
      ['tsx', /tsx.*not installed.*\\n.*npm install --save-dev tsx\b/u],
      ['swc', /@swc-node\/register.*not installed.*\\n.*npm install --save-dev @swc-node\/register @swc\/core/u],
      ['auto', /decorators.*\\n.*dist\/data-source\.js.*@swc-node\/register @swc\/core.*tsx/u],
    ])('says what to install where the project has no %s', async (loader, said) => {
      const folder = join(alone, loader)
      await write(folder, 'module', dataSource('', `, loader: '${loader}'`))
      await mkdir(join(folder, 'node_modules/@expand-contract'), { recursive: true })
      for (const name of ['cli', 'core', 'typeorm'])
        await symlink(inProject(`@expand-contract/${name}`), join(folder, 'node_modules/@expand-contract', name))
      const out = await planned(folder)
      expect(out).toContain('EC_CONFIG_LOAD')
      expect(out).toMatch(said)
    })

    it('of an older Node says which one it needs, ahead of all else', async () => {
      // The one that the system has may be such a one; else one that says it is.
      const system = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => existsSync(file))
      const version =
        system === undefined ? undefined : execFileSync(system, ['--version'], { encoding: 'utf8' }).trim()
      const [, major = 0, minor = 0] = /^v(\d+)\.(\d+)/u.exec(version ?? '')?.map(Number) ?? []
      const older = major > 0 && (major < 22 || (major === 22 && minor < 15))
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.1.0' }); Object.defineProperty(process, 'version', { value: 'v20.1.0' })`
      await writeFile(join(alone, 'pretend.cjs'), pretend)
      const nodes = [
        [process.execPath, '--require', join(alone, 'pretend.cjs')],
        ...(older && system !== undefined ? [[system]] : []),
      ]
      console.log(older ? `also by Node ${version}` : 'no older Node is installed here: one that says so was asked')
      for (const [node = '', ...args] of nodes) {
        const said = await runCommand(alone, node, ...args, bin(), 'status').catch((error: Error) => error.message)
        expect(said).toMatch(/EC_NODE: expand-contract needs Node 22\.15 or newer/u)
        expect(said).not.toMatch(/\n\s+at /u)
      }
    })
  })
}
