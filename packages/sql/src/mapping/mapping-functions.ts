import type { Migration } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { parse } from '../parse/parser.ts'

/** A function that a mapping calls. */
export interface MappingFunction {
  /** The id of the migration. */
  readonly migration: string
  /** The column that the mapping computes. */
  readonly column: string
  /** undefined: found on the search path. */
  readonly schema: string | undefined
  readonly name: string
}

/** The functions that mappings call by name, so that the catalog can be asked what they promise. */
export function mappingFunctions(migrations: readonly Migration[]): readonly MappingFunction[] {
  return migrations.flatMap(({ id: migration, forward, backward }) =>
    Object.entries({ ...forward, ...backward }).flatMap(([column, mapping]) =>
      mapping.kind === 'sql' ? functionsIn(mapping.sql).map((called) => ({ migration, column, ...called })) : [],
    ),
  )
}

function functionsIn(sql: string): readonly Pick<MappingFunction, 'schema' | 'name'>[] {
  const found = new Map<string, Pick<MappingFunction, 'schema' | 'name'>>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Node
    if ('FuncCall' in node) {
      const [name = '', schema] = nameStrings(node.FuncCall.funcname).toReversed()
      found.set(JSON.stringify([schema, name]), { schema, name })
    }
    Object.values(value).forEach(visit)
  }
  visit(parse(`SELECT ${sql}`))
  return [...found.values()]
}
