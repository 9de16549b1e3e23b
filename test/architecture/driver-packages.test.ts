import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf, packageOf, packages, read } from './workspace.ts'

/** What each one wraps, as it is imported. */
const DRIVERS: Readonly<Record<string, string>> = {
  pg: 'pg',
  'postgres-js': 'postgres',
  pglite: '@electric-sql/pglite',
}

/** See `What a driver package consists of` in packages/session/README.md. */
const ROLES = [
  /^instrumented-.+\.ts$/u,
  /^planned-.+\.ts$/u,
  /^ask-own-query\.ts$/u,
  /^check-migrations\.ts$/u,
  /^error-catalogue\.ts$/u,
]

const SCOPE = '@expand-contract/'

/** What the packages import that an application loads with one of them, imports for a type included. */
function usedBy(folder: string): ReadonlySet<string> {
  const ours = new Set([folder])
  const others = new Set<string>()
  for (const each of ours)
    for (const specifier of packages.find((one) => one.folder === each)?.sources.flatMap(importsOf) ?? [])
      if (specifier.startsWith(SCOPE)) ours.add(specifier.slice(SCOPE.length))
      else if (!specifier.startsWith('.') && !specifier.startsWith('node:')) others.add(packageOf(specifier))
  return others
}

describe.each(Object.entries(DRIVERS))('%s', (folder, driver) => {
  it('needs its own driver, and no other', () => {
    const used = usedBy(folder)
    expect(Object.values(DRIVERS).filter((each) => used.has(each))).toEqual([driver])
  })

  it('has a file of the same name for each role', () => {
    const names = packages.find((each) => each.folder === folder)?.sources.map((file) => posix.basename(file)) ?? []
    const roles = [...ROLES, new RegExp(`^${folder}-internals\\.ts$`, 'u')]
    expect(roles.filter((role) => !names.some((name) => role.test(name)))).toEqual([])
    const internals = read(`packages/${folder}/src/${folder}-internals.ts`)
    expect(internals).toMatch(/^export function checkDriver\b/mu)
  })

  it('exports the error by which a statement is refused, and says so on its page', () => {
    expect(read(posix.join('packages', folder, 'src/index.ts'))).toMatch(/^ {2}StatementRefusedError,$/mu)
    expect(read(posix.join('packages', folder, 'README.md'))).toContain('StatementRefusedError')
  })
})

it.each(['typeorm', 'drizzle'])(
  'the page of %s says where the error comes from by which a statement is refused',
  (folder) => {
    expect(read(`packages/${folder}/README.md`)).toContain(
      "import { StatementRefusedError } from '@expand-contract/pg'",
    )
  },
)
