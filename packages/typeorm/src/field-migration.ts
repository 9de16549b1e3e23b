import { changeColumnType, defineMigration, type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { columnTypeText } from './column-type-text.ts'
import type { MappingSql, MappingsSql } from './migrating-column-options.ts'
import type { DeclaredField, NamedColumn } from './migrating-fields.ts'
import { typeormError } from './typeorm-error.ts'

/**
 * The migration that a declaration stands for, in the names of the database.
 * @throws EC_TYPEORM_OPTION, and as defineMigration
 */
export function fieldMigration(field: DeclaredField): Migration {
  const { entity, options, app } = field
  const [old, added] = app === 'old' ? [field.logical, field.shadow] : [field.shadow, field.logical]
  const table = quoteTable({ schema: entity.schema, name: entity.tableName })
  const flag =
    typeof options.flag === 'function'
      ? options.flag({ table: entity.tablePath, column: field.logical[0]?.column.databaseName ?? '' })
      : options.flag
  const shared = {
    table,
    app,
    ...(flag === undefined ? {} : { flag }),
    ...(options.id === undefined ? {} : { id: options.id }),
    ...(options.constraints === undefined ? {} : { constraints: options.constraints }),
    ...(options.after === undefined ? {} : { after: options.after }),
  }
  const forward = mappings(options.forward, old, added)
  const backward = mappings(options.backward, added, old)
  const [from, to] = [only(old), only(added)]
  if (from === undefined || to === undefined)
    return defineMigration({ ...shared, old: types(old), new: types(added), forward, backward })
  return changeColumnType({
    ...shared,
    from: from.databaseName,
    fromType: columnTypeText(from),
    to: to.databaseName,
    type: columnTypeText(to),
    ...(forward[to.databaseName] === undefined ? {} : { forward: forward[to.databaseName] }),
    ...(backward[from.databaseName] === undefined ? {} : { backward: backward[from.databaseName] }),
  })
}

const only = (columns: readonly NamedColumn[]) => (columns.length === 1 ? columns[0]?.column : undefined)

const types = (columns: readonly NamedColumn[]): Record<string, string> =>
  Object.fromEntries(columns.map(({ column }) => [column.databaseName, columnTypeText(column)]))

/** The mappings by the final names of their columns. */
function mappings(
  given: MappingsSql | undefined,
  sources: readonly NamedColumn[],
  targets: readonly NamedColumn[],
): Record<string, string> {
  if (given === undefined) return {}
  const names = sources.map(({ column }) => quoteIdentifier(column.databaseName))
  const sql = (mapping: MappingSql): string => (typeof mapping === 'function' ? mapping(...names) : mapping)
  if (typeof given !== 'object')
    return Object.fromEntries(targets.slice(0, 1).map(({ column }) => [column.databaseName, sql(given)]))
  return Object.fromEntries(
    Object.entries(given).map(([key, mapping]) => {
      const target = targets.find((each) => each.key === key)
      if (target === undefined) throw unknownTarget(key, targets)
      return [target.column.databaseName, sql(mapping)]
    }),
  )
}

function unknownTarget(key: string, targets: readonly NamedColumn[]): Error {
  const [first] = targets
  const known = targets.map((target) => JSON.stringify(target.key)).join(', ')
  return typeormError('EC_TYPEORM_OPTION', {
    message: `A mapping of a migrating column of ${first?.column.entityMetadata.name} is for ${JSON.stringify(key)}, which is none of the columns on that side (${known}).`,
    hint: 'Use the `name` of each column in `to` or `from`, and the properties for the columns of the entity.',
  })
}
