import { quoteIdentifier } from '@expand-contract/core'
import { is } from 'drizzle-orm'
import { PgArray, type PgColumn, PgEnumColumn, PgEnumObjectColumn } from 'drizzle-orm/pg-core'

/** `serial` and its sisters are no types, but an integer with a sequence. */
const INTEGER_OF: Readonly<Record<string, string>> = {
  smallserial: 'smallint',
  serial: 'integer',
  bigserial: 'bigint',
}

/** The type of a column as a cast takes it: as in CREATE TABLE, with the names of enums quoted. */
export function castableType(column: PgColumn): string {
  if (is(column, PgArray)) return `${castableType(column.baseColumn)}[${column.size ?? ''}]`
  if (is(column, PgEnumColumn) || is(column, PgEnumObjectColumn)) {
    const { enumName, schema } = column.enum
    return schema === undefined ? quoteIdentifier(enumName) : `${quoteIdentifier(schema)}.${quoteIdentifier(enumName)}`
  }
  const type = column.getSQLType()
  return INTEGER_OF[type] ?? type
}
