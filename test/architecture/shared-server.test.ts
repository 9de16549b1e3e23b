import { expect, it } from 'vitest'
import { read, repositoryFiles } from './workspace.ts'

/** A server is shared by the test files that run side by side; these views show the sessions and locks of all databases of it. */
const OF_ALL_DATABASES = /\bpg_(?:locks|stat_activity|prepared_xacts|stat_database)\b/u
const OF_ONE = /current_database\(\)|\bdatname = |\$\{OWN\}|\$\{own\}|to_regclass|::regclass/u

/** Servers of their own, which no other file uses. */
const ALONE = new Set(['test/control/replica.test.ts'])

it('what reads the sessions or locks of a server asks for those of its own database', () => {
  const files = repositoryFiles().filter((file) => /^(?:test|examples)\/.*\.ts$/u.test(file) && !ALONE.has(file))
  const unbounded = files.flatMap((file) => {
    const lines = read(file).split('\n')
    return lines.flatMap((line, at) => {
      const near = lines.slice(Math.max(0, at - 2), at + 4).join('\n')
      return OF_ALL_DATABASES.test(line) && !OF_ONE.test(near) ? [`${file}:${at + 1}`] : []
    })
  })
  expect(unbounded.filter((place) => !place.startsWith('test/architecture/shared-server.test.ts'))).toEqual([])
})
