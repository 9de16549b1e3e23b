import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { importsOf, packages } from './workspace.ts'

/** A file imports from its own room and from those before it. The last one is the folder itself: what puts the rooms together. */
const ROOMS = ['parse', 'shape', 'edit', 'catalog', 'mapping', 'resolve', 'read', 'write', 'refuse', ''] as const

const SRC = 'packages/sql/src'

const roomOf = (file: string): string => /^([^/]+)\/[^/]+$/u.exec(posix.relative(SRC, file))?.[1] ?? ''

const sources = packages.find(({ folder }) => folder === 'sql')?.sources ?? []

it('every folder of sql is a room with a place in the order', () => {
  expect([...new Set(sources.map(roomOf))].sort()).toEqual([...ROOMS].sort())
})

it.each(sources)('%s imports from its own room and from those before it', (file) => {
  const known: readonly string[] = ROOMS
  const mayUse = known.slice(0, known.indexOf(roomOf(file)) + 1)
  const used = importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => roomOf(posix.join(posix.dirname(file), specifier)))
  expect(mayUse).toEqual(expect.arrayContaining(used))
})
