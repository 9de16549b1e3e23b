import type { DataSource, EntityMetadata, QueryRunner, Table } from 'typeorm'
import type { SchemaBuilder } from 'typeorm/schema-builder/SchemaBuilder.js'
import type { DeclaredField } from './migrating-fields.ts'
import { hideInTable, metadataView, tableView } from './schema-view.ts'

/**
 * TypeORM's own schema builder (`synchronize`, `migration:generate`, `schema:log`), shown a DataSource whose metadata and
 * tables are adjusted to the migrations under way. Queries, repositories and migrations never see that DataSource.
 */
export function migratingSchemaBuilder(
  dataSource: DataSource,
  fields: readonly DeclaredField[],
  createSchemaBuilder: () => SchemaBuilder,
): SchemaBuilder {
  let entities = dataSource.entityMetadatas
  const createQueryRunner: DataSource['createQueryRunner'] = (mode) => {
    const runner = dataSource.createQueryRunner(mode)
    const getTables = runner.getTables.bind(runner)
    runner.getTables = async (paths) => {
      const tables = await getTables(paths)
      entities = adjust({ dataSource, fields, tables })
      return tables
    }
    return runner
  }
  const view: DataSource = Object.create(dataSource, {
    entityMetadatas: { get: () => entities },
    createQueryRunner: { value: createQueryRunner satisfies (mode?: 'master' | 'slave') => QueryRunner },
  })
  return createSchemaBuilder.call(Object.create(dataSource.driver, { dataSource: { value: view } }))
}

interface Loaded {
  readonly dataSource: DataSource
  readonly fields: readonly DeclaredField[]
  readonly tables: readonly Table[]
}

function adjust({ dataSource, fields, tables }: Loaded): EntityMetadata[] {
  const pathOf = (target: EntityMetadata | Table): string => {
    const { schema, tableName } = dataSource.driver.parseTableName(target)
    return JSON.stringify([schema, tableName])
  }
  const fieldsByTable = Map.groupBy(fields, (field) => pathOf(field.entity))
  const views = new Map(
    [...fieldsByTable].map(([path, ofTable]) => {
      const table = tables.find((each) => pathOf(each) === path)
      return [path, { table, view: tableView(ofTable, table) }]
    }),
  )
  for (const { table, view } of views.values()) if (table !== undefined) hideInTable(table, view)
  return dataSource.entityMetadatas.map((entity) => {
    const adjusted = entity.tableType === 'view' ? undefined : views.get(pathOf(entity))
    return adjusted === undefined ? entity : metadataView(entity, adjusted.view, adjusted.table)
  })
}
