import { existsSync, globSync, readFileSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Manifest, publicPackages, ROOT } from '../architecture/workspace.ts'
import { describeBundlers } from './describe-bundlers.ts'
import { describeConfigurations } from './describe-configurations.ts'
import { describeNestProjects } from './describe-nest-projects.ts'
import { type PackedEnvironment, startPackedEnvironment } from './packed-environment.ts'
import { readmeExamples } from './readme-examples.ts'
import { runCommand } from './run-command.ts'
import { runOnDatabase } from './run-on-database.ts'
import type { PackedPackage, ScratchProject } from './scratch-project.ts'

let environment: PackedEnvironment
let project: ScratchProject

beforeAll(async () => {
  environment = await startPackedEnvironment()
  project = environment.project
}, 300_000)

afterAll(() => environment?.[Symbol.asyncDispose]())

const packed = (name: string): PackedPackage => {
  const found = project.packages.find((each) => each.name === name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}

const names = publicPackages.map(({ manifest }) => manifest.name)

describe.each(names)('%s', (name) => {
  const manifest = (): Manifest =>
    JSON.parse(readFileSync(join(packed(name).folder, 'package.json'), 'utf8')) as Manifest

  it('has what a user needs, and no tests', () => {
    const files = globSync('**/*', { cwd: packed(name).folder, exclude: ['node_modules'], withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'index.js', 'index.d.ts', 'index.ts']),
    )
    expect(files.filter((file) => /\.test\.|tsbuildinfo/u.test(file))).toEqual([])
  })

  it('asks for published versions', () => {
    const ranges = Object.values({ ...manifest().dependencies, ...manifest().peerDependencies })
    expect(ranges.filter((range) => range.includes(':'))).toEqual([])
  })

  it('has declarations that any resolver follows, and maps that lead to sources', () => {
    const { folder } = packed(name)
    for (const file of globSync('dist/**/*.d.ts', { cwd: folder }))
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/['"]\.[^'"]*\.ts['"]/u)
    for (const file of globSync('dist/**/*.map', { cwd: folder })) {
      const { sources } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { sources: string[] }
      for (const source of sources)
        expect(existsSync(join(folder, file, '..', source)), `${file}: ${source}`).toBe(true)
    }
  })

  it('exports files that exist, and nothing else can be reached', async () => {
    const { folder } = packed(name)
    const targets = (target: unknown): string[] =>
      typeof target === 'string' ? [target] : Object.values(target as object).flatMap(targets)
    for (const target of targets(manifest().exports)) expect(existsSync(join(folder, target)), target).toBe(true)

    const inside = globSync('{dist,src}/**/*.{js,ts}', { cwd: folder }).map(
      (file) => `${name}/${file.replaceAll('\\', '/')}`,
    )
    const script = `
      const reachable = []
      for (const specifier of ${JSON.stringify(inside)}) {
        try { import.meta.resolve(specifier); reachable.push(specifier) }
        catch (error) { if (error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error }
      }
      console.log(JSON.stringify(reachable))`
    expect(inside.length).toBeGreaterThan(2)
    expect(
      JSON.parse(await runCommand(project.folder, process.execPath, '--input-type=module', '--eval', script)),
    ).toEqual([])
  })

  it('gives the same names to import and to require', async () => {
    const print = 'console.log(JSON.stringify(Object.keys(exported).sort()))'
    const imported = `const exported = await import('${name}'); ${print}`
    const required = `const exported = require('${name}'); ${print}`
    const esm = await runCommand(project.folder, process.execPath, '--input-type=module', '--eval', imported)
    // Without the `require` of ES modules, which jest does not have.
    const options = ['--no-experimental-require-module', '--input-type=commonjs', '--eval', required]
    const cjs = await runCommand(project.folder, process.execPath, ...options)
    expect(JSON.parse(cjs)).toEqual(JSON.parse(esm))
    expect(JSON.parse(esm)).not.toEqual([])
  })

  it('is clean by publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: packed(name).folder, pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('is clean by are-the-types-wrong', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(packed(name).tarball)))
    if (!analysis.types) throw new Error(`${name} has no types`)
    expect(analysis.problems).toEqual([])
  })
})

describe('programs in TypeScript', () => {
  const programs = ['user-program.mts', 'user-program.cts', 'both-builds.cts'] as const
  let compiled: string

  // One compilation for all of them: with the declarations of every dependency checked it takes its time.
  beforeAll(async () => {
    const examples = readmeExamples()
    expect(examples.size).toBeGreaterThan(4)
    await Promise.all([
      ...programs.map((file) =>
        cp(join(import.meta.dirname, file.replace(/[mc]ts$/u, 'ts')), join(project.folder, file)),
      ),
      ...[...examples].map(([file, text]) => writeFile(join(project.folder, file), text)),
    ])
    const files = [...programs, ...examples.keys()]
    await writeFile(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    const tsc = runCommand(ROOT, 'npx', '--no-install', 'tsc', '-p', project.folder, '--listEmittedFiles')
    compiled = await tsc.catch((error: Error) => error.message)
  }, 600_000)

  it('compile with every check on: the user program twice, and the examples of every README', () => {
    // Drizzle's declarations have errors of their own, such as imports of the drivers of other databases, and PGlite's
    // want those of Emscripten, on which it does not depend.
    const others = /\/node_modules\/(?:drizzle-orm|@electric-sql\/pglite)\//u
    const errors = (compiled.match(/^.*: error TS\d+: .*$/gmu) ?? []).filter((error) => !others.test(error))
    expect(errors).toEqual([])
    const emitted = compiled.match(/^TSFILE: .*$/gmu) ?? []
    expect(emitted).toHaveLength(programs.length + readmeExamples().size - 1)
  })

  it.each(programs)('%s migrates a column on a real server', async (file) => {
    const program = join(project.folder, 'out', file.replace(/ts$/u, 'js'))
    const printed = await runOnDatabase(environment.server, (url) =>
      runCommand(project.folder, process.execPath, program, url),
    )
    expect(printed).toBe('The packages work.\n')
  })
})

describeNestProjects(() => environment)
describeBundlers(() => environment)
describeConfigurations(() => environment)

describe('drizzle-kit', () => {
  const kit = join(ROOT, 'test/node_modules/drizzle-kit/bin.cjs')

  it.each(['mts', 'cts'])(
    'reads the packed package, which it takes by require, from a schema in .%s',
    async (extension) => {
      const folder = join(project.folder, extension)
      const module = `import { migrating, physicalTables } from '@expand-contract/drizzle'
      import { pgTable, text } from 'drizzle-orm/pg-core'
      const users = pgTable('users', { name: migrating(text('name'), { to: text('full_name') }) })`
      await mkdir(folder)
      await writeFile(
        join(folder, `kit.${extension}`),
        `${module}\nexport const physical = physicalTables({ users }).users`,
      )
      await writeFile(join(folder, `app.${extension}`), `${module}\nexport { users, physicalTables }`)
      const generate = (file: string): Promise<string> =>
        runCommand(folder, process.execPath, kit, 'generate', '--dialect=postgresql', `--schema=./${file}.${extension}`)
      expect(await generate('kit')).toContain('users 2 columns')
      expect(globSync('drizzle/*.sql', { cwd: folder })).toHaveLength(1)
      await generate('app')
      expect(globSync('drizzle/*.sql', { cwd: folder })).toHaveLength(1)
    },
    300_000,
  )
})

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  // As TypeORM requires.
  experimentalDecorators: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  outDir: 'out',
}
