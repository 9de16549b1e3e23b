import type { DataSource, EntityMetadata, QueryRunner, Table } from 'typeorm'
import type { SchemaBuilder } from 'typeorm/schema-builder/SchemaBuilder.js'
import type { DeclaredField } from './migrating-fields.ts'
import { hideInTable, metadataView, type TableView, tableView } from './schema-view.ts'
import { driverOf } from './typeorm-versions.ts'

/**
 * TypeORM's own schema builder (`synchronize`, `migration:generate`, `schema:log`), shown a DataSource whose metadata and
 * tables are adjusted to the migrations under way. Queries, repositories and migrations never see that DataSource.
 */
export function migratingSchemaBuilder(
  dataSource: DataSource,
  fields: readonly DeclaredField[],
  createSchemaBuilder: () => SchemaBuilder,
): SchemaBuilder {
  let adjusted: Adjusted = { entities: dataSource.entityMetadatas, renamed: dataSource.entityMetadatas }
  let isRenaming = false
  const createQueryRunner: DataSource['createQueryRunner'] = (mode) => {
    const runner = dataSource.createQueryRunner(mode)
    const getTables = runner.getTables.bind(runner)
    runner.getTables = async (paths) => {
      const tables = await getTables(paths)
      adjusted = adjust({ dataSource, fields, tables })
      return tables
    }
    return runner
  }
  const view: DataSource = Object.create(dataSource, {
    entityMetadatas: { get: () => (isRenaming ? adjusted.renamed : adjusted.entities) },
    createQueryRunner: { value: createQueryRunner satisfies (mode?: 'master' | 'slave') => QueryRunner },
  })
  const builder = createSchemaBuilder.call(driverOf(view)) as SchemaBuilder & { renameColumns(): Promise<void> }
  // Where a table has as many columns as its entity, TypeORM takes one that is new and one that is gone for a rename: a column
  // that it is to add would start with the values of another.
  const renameColumns = builder.renameColumns.bind(builder)
  builder.renameColumns = async () => {
    isRenaming = true
    await renameColumns().finally(() => {
      isRenaming = false
    })
  }
  return builder
}

interface Adjusted {
  readonly entities: EntityMetadata[]
  /** The same while columns are renamed: without those that are to be added. */
  readonly renamed: EntityMetadata[]
}

interface Loaded {
  readonly dataSource: DataSource
  readonly fields: readonly DeclaredField[]
  readonly tables: readonly Table[]
}

function adjust({ dataSource, fields, tables }: Loaded): Adjusted {
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
  const seen = (part: Partial<TableView>): EntityMetadata[] =>
    dataSource.entityMetadatas.map((entity) => {
      const { view } = (entity.tableType === 'view' ? undefined : views.get(pathOf(entity))) ?? {}
      return view === undefined ? entity : metadataView(entity, { ...view, ...part })
    })
  return { entities: seen({}), renamed: seen({ added: [] }) }
}
