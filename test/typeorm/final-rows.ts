import { quoteIdentifier } from '@expand-contract/core'
import { mapped } from './run-steps.ts'
import type { ShopDatabase } from './shop-database.ts'

/** All rows of all tables as the application knows them, read without it. Times are left out. */
export async function finalRows(
  shop: ShopDatabase,
  logicalIsWritten: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const { source, bare, migrations, app } = shop
  const rows: Record<string, unknown> = {}
  for (const entity of source.entityMetadatas) {
    if (entity.tableType === 'entity-child') continue
    const columns = entity.columns
      .filter(
        (column) => !column.isVirtualProperty && !column.isCreateDate && !column.isUpdateDate && !column.isDeleteDate,
      )
      .map(({ databaseName }) => {
        const migration = migrations.find(
          (each) => each.table.name === entity.tableName && each[app].some(({ name }) => name === databaseName),
        )
        const sql =
          migration === undefined || logicalIsWritten
            ? quoteIdentifier(databaseName)
            : mapped(migration, app === 'old' ? 'backward' : 'forward', databaseName)
        return `${sql}::text as ${quoteIdentifier(databaseName)}`
      })
    const keys = entity.primaryColumns.map(({ databaseName }) => quoteIdentifier(databaseName))
    rows[entity.tableName] = (
      await bare.query(
        `select ${columns.join(', ')} from ${quoteIdentifier(entity.tableName)} order by ${keys.join(', ')}`,
      )
    ).rows
  }
  return rows
}
