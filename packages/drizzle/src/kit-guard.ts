import { getTableName } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { refuse } from './drizzle-error.ts'

/**
 * Makes drizzle-kit stop where it reads this column as part of a table: what it does not see in a table it drops, and the
 * other column of the migration is not there to be seen.
 *
 * drizzle-kit calls `getSQLType` of each column of a table that it is given, and before it compares anything. It does not
 * for a table that is only referenced by a foreign key, and in a view it calls it on a proxy of the column. In an
 * application nothing of Drizzle calls it per query, so looking at the stack costs nothing there.
 */
export function guardFromKit(column: PgColumn): void {
  const typeOf = column.getSQLType
  function getSQLType(this: PgColumn): string {
    if (this === column && isCalledByKit(new Error().stack))
      refuse(
        'EC_DRIZZLE_KIT',
        `drizzle-kit reads the table ${JSON.stringify(getTableName(column.table))} of the application, in which ${JSON.stringify(column.name)} is migrating: it would drop the other column.`,
        'Let `schema` in drizzle.config.ts name one file that exports physicalTables(schema), with this table in it, and no other file.',
      )
    return typeOf.call(this)
  }
  Object.defineProperty(column, 'getSQLType', { value: getSQLType, configurable: true })
}

const KIT = /[\\/]node_modules[\\/]drizzle-kit[\\/]/u

/** Frame 0 is the message, 1 the guard. More than the caller alone is looked at, so that a wrapper in between does not hide the kit. */
const isCalledByKit = (stack: string | undefined): boolean =>
  stack !== undefined && KIT.test(stack.split('\n').slice(2, 5).join('\n'))
