import type { Migration } from '@expand-contract/core'
import type { Catalog } from '../catalog/catalog.ts'
import type { CompiledMigration } from '../mapping/compiled-migration.ts'
import { namesInTree } from '../parse/names-in-tree.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'

const ADDS = /^(?:Create|Alter|Rename)/u

/**
 * The migrations whose other column a text adds before it writes the one that the application knows: it is planned with
 * the columns from before it, so the row would have one side alone. A statement that names both knows what it does.
 */
export function columnsInText(
  statements: readonly ParsedStatement[],
  catalog: Catalog,
  compiled: Iterable<CompiledMigration>,
): readonly Migration[] {
  if (!statements.some(mayAdd)) return []
  const named = statements.map((statement) => ({ statement, names: namesInTree(statement.node) }))
  return [...compiled].flatMap(({ migration, logical, shadow }) => {
    const { table } = migration
    const columns = catalog.relation(table.schema, table.name)?.columns ?? []
    const absent = shadow.filter((name) => !columns.some((column) => column.name === name))
    const namesAbsent = (names: ReadonlySet<string>): boolean => absent.some((name) => names.has(name))
    const adds = named.findIndex(
      ({ statement, names }) => mayAdd(statement) && names.has(table.name) && namesAbsent(names),
    )
    const behind = adds < 0 ? [] : named.slice(adds + 1)
    const parted = behind.some(({ statement, names }) => !namesAbsent(names) && writes(statement, table.name, logical))
    return parted ? [migration] : []
  })
}

const mayAdd = ({ node }: ParsedStatement): boolean => Object.keys(node).some((kind) => ADDS.test(kind))

/** A table of this name, of whatever schema. */
function writes({ insertsInto, assigned }: ParsedStatement, table: string, columns: readonly string[]): boolean {
  return (
    insertsInto.some(({ relname }) => relname === table) ||
    assigned.some(({ relation, column }) => relation.relname === table && columns.includes(column))
  )
}
