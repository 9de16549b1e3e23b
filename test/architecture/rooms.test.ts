import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf, packages } from './workspace.ts'

/**
 * The rooms of the packages that have some. A file imports from its own room and from those before it; the last one is the folder
 * itself, with what puts the rooms together.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  sql: ['parse', 'schema-change', 'shape', 'edit', 'catalog', 'mapping', 'resolve', 'read', 'write', 'refuse', ''],
  session: ['text', 'own-query', 'catalog', 'error', 'engine', 'connection', 'statement', 'check', ''],
}

/** Tables without imports, which every package has in its folder. */
const TABLES = ['error-catalogue.ts', 'version.ts']

describe.each(Object.entries(ROOMS))('%s', (name, rooms) => {
  const src = `packages/${name}/src`
  const roomOf = (file: string): string => /^([^/]+)\/[^/]+$/u.exec(posix.relative(src, file))?.[1] ?? ''
  const sources = packages.find(({ folder }) => folder === name)?.sources ?? []

  it('has a place in the order for every folder', () => {
    expect([...new Set(sources.map(roomOf))].sort()).toEqual(rooms.toSorted())
  })

  it.each(sources)('%s imports from its own room and from those before it', (file) => {
    const used = importsOf(file)
      .filter((specifier) => specifier.startsWith('.') && !TABLES.includes(posix.basename(specifier)))
      .map((specifier) => roomOf(posix.join(posix.dirname(file), specifier)))
    expect(rooms.slice(0, rooms.indexOf(roomOf(file)) + 1)).toEqual(expect.arrayContaining(used))
  })
})
