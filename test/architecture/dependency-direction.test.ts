import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf, packageOf, packages, read } from './workspace.ts'

const SCOPE = '@expand-contract/'

/** Which packages each one may use: `core <- sql <- session <- pg, postgres-js, pglite; pg <- typeorm, drizzle; core <- control <- runner <- cli; session <- runner`; flags on core only. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  core: [],
  sql: ['core'],
  session: ['core', 'sql'],
  pg: ['core', 'session'],
  'postgres-js': ['core', 'session'],
  pglite: ['core', 'session'],
  typeorm: ['core', 'sql', 'pg'],
  drizzle: ['core', 'sql', 'pg'],
  control: ['core'],
  runner: ['core', 'sql', 'session', 'control'],
  cli: ['core', 'sql', 'control', 'runner'],
  unleash: ['core'],
  openfeature: ['core'],
}

const ours = (names: readonly string[]): string[] =>
  names.filter((name) => name.startsWith(SCOPE)).map((name) => name.slice(SCOPE.length))

describe.each(packages)('$folder', ({ folder, manifest, sources }) => {
  const allowed = MAY_USE[folder]
  const runtime = { ...manifest.dependencies, ...manifest.peerDependencies }

  it('has its place in the order of packages', () => {
    expect(manifest.name).toBe(`${SCOPE}${folder}`)
    expect(allowed, `add ${folder} to MAY_USE, with the packages it may use`).toBeDefined()
  })

  it('depends on packages below it alone', () => {
    expect(allowed).toEqual(expect.arrayContaining(ours(Object.keys(runtime))))
  })

  it('references the projects it depends on, and no other', () => {
    const { references } = JSON.parse(read(`packages/${folder}/tsconfig.json`)) as { references: { path: string }[] }
    const wanted = ours(Object.keys(manifest.dependencies ?? {})).map((name) => `../${name}`)
    expect(references.map(({ path }) => path).sort()).toEqual(wanted.sort())
  })

  it('is built as CommonJS in the same order', () => {
    const { references } = JSON.parse(read(`packages/${folder}/tsconfig.json`)) as { references: { path: string }[] }
    expect(JSON.parse(read(`packages/${folder}/tsconfig.cjs.json`))).toEqual({
      extends: ['./tsconfig.json', '../../tsconfig.cjs.json'],
      compilerOptions: { outDir: 'dist/cjs', tsBuildInfoFile: 'dist/.tsbuildinfo-cjs' },
      references: references.map(({ path }) => ({ path: `${path}/tsconfig.cjs.json` })),
    })
  })

  it('imports what it declares, packages by their index, and nothing by a path into another folder', () => {
    for (const file of sources)
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('node:')) continue
        if (specifier.startsWith('.')) {
          expect(new URL(specifier, `file:///${file}`).pathname, file).toMatch(`/packages/${folder}/src/`)
          continue
        }
        expect(Object.keys(runtime), `${file} imports ${specifier}`).toContain(packageOf(specifier))
        if (specifier.startsWith(SCOPE)) expect(packageOf(specifier), file).toBe(specifier)
      }
  })
})

it('core has no runtime dependency, and of Node it uses AsyncLocalStorage alone', () => {
  const core = packages.find(({ folder }) => folder === 'core')
  expect({ ...core?.manifest.dependencies, ...core?.manifest.peerDependencies }).toEqual({})
  const outside = core?.sources.flatMap(importsOf).filter((specifier) => !specifier.startsWith('.'))
  expect([...new Set(outside)]).toEqual(['node:async_hooks'])
})

it.each(['', 'tsconfig.cjs.json'])('every project is part of the build %s', (file) => {
  const { references } = JSON.parse(read(file || 'tsconfig.json')) as { references: { path: string }[] }
  const wanted = packages.map(({ folder }) => join('packages', folder, file))
  expect(references.map(({ path }) => join(path)).sort()).toEqual(wanted.sort())
})
