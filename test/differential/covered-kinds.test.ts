import { beforeAll, expect, it } from 'vitest'
import type { NodeKind } from '../../packages/sql/src/parse/node-kind.ts'
import { loadParser, parse } from '../../packages/sql/src/parse/parser.ts'
import { EXPRESSION_KINDS } from '../../packages/sql/src/read/expression.ts'
import { PARTS } from '../../packages/sql/src/resolve/node-kinds.ts'
import { newestMajor } from '../support/postgres.ts'
import { EXAMPLES } from './examples/all-examples.ts'
import { tableOf } from './migration-kinds/migration-kind.ts'
import { renameToText, twoAtOnce } from './migration-kinds/one-to-one.ts'
import { applies, stepsFor } from './template.ts'

beforeAll(loadParser)

/** Parts that stand without their kind, in kinds that are not walked through. */
const WITHOUT_KIND: Readonly<Record<string, NodeKind>> = { over: 'WindowDef', typeName: 'TypeName' }

const isKind = (key: string): boolean => /^[A-Z]/u.test(key)

/** Every kind that holds one of the names, as a column or as the type of a row, adds itself to the set. */
function coveredBy(value: unknown, kind: string | undefined, found: Set<string>, names: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.map((item) => coveredBy(item, undefined, found, names)).includes(true)
  const holds = Object.entries(value).map(([key, part]) => {
    if (key === 'sval') return names.has(String(part)) && kind === 'String'
    const walked = PARTS[kind as NodeKind]?.find(([name]) => name === key)?.[1]
    const own = walked === undefined || walked === 'nodes' ? WITHOUT_KIND[key] : walked
    return coveredBy(part, isKind(key) ? key : Array.isArray(part) ? undefined : own, found, names)
  })
  if (!holds.includes(true)) return false
  if (kind !== undefined) found.add(kind)
  return true
}

it('every kind of expression holds a migrating column, or the type of its row, in an example', () => {
  const found = new Set<string>()
  for (const kind of [renameToText, twoAtOnce]) {
    const names = new Set([
      ...kind.parts.flatMap((part) => part.columns.old.map(({ name }) => name)),
      tableOf(kind).name,
    ])
    for (const example of EXAMPLES)
      if (applies(example, kind, 'old', newestMajor()))
        for (const { sql } of stepsFor(example, kind, 'old')) {
          let tree: unknown
          try {
            tree = parse(sql)
          } catch {
            continue // It is an example of an error.
          }
          coveredBy(tree, undefined, found, names)
        }
  }
  const missing = [...EXPRESSION_KINDS, ...Object.keys(PARTS)].filter((kind) => !found.has(kind))
  expect(missing, 'write an example for each of them').toEqual([])
})
