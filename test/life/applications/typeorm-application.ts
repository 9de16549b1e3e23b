import { MigratingDataSource, migratingSchema } from '@expand-contract/typeorm'
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import type { TypeName } from '../change-kinds.ts'
import type { LifeModel, ModelTable, Row } from '../life-model.ts'
import type { Place } from '../place.ts'
import type { ApplicationKind } from './life-application.ts'
import { LEASE_MS, runtimeOptions } from './runtime-options.ts'

type Typed = Pick<EntitySchemaColumnOptions, 'type' | 'length' | 'precision' | 'scale'>

const TYPES: Readonly<Record<TypeName, Typed>> = {
  int4: { type: 'int4' },
  int8: { type: 'int8' },
  text: { type: 'text' },
  'varchar(40)': { type: 'varchar', length: 40 },
  'numeric(12,2)': { type: 'numeric', precision: 12, scale: 2 },
}

function entityOf({ place }: LifeModel, table: ModelTable, migrating: boolean): EntitySchema<Row> {
  const columns = table.columns.map(({ property, name, type }): [string, EntitySchemaColumnOptions] => [
    property,
    { name, ...TYPES[type], primary: property === 'nr', nullable: property === 'note' },
  ])
  const schema = new EntitySchema<Row>({
    name: table.name,
    tableName: place.table(table.name),
    ...(place.schema !== undefined && { schema: place.schema }),
    columns: Object.fromEntries(columns),
  })
  return migrating ? migratingSchema(schema, declarationOf(place, table) as never) : schema
}

function declarationOf(
  place: Place,
  { change, migration, declaration }: ModelTable,
): Readonly<Record<string, unknown>> {
  const [property = '', ...others] = Object.keys(change.old)
  const to = Object.entries(change.new).map(([name, type]) => ({ name: place.column(name), ...TYPES[type] }))
  const { forward, backward } = declaration.options
  // Columns of the entity go by their properties.
  const byProperty = (given: unknown): unknown =>
    change.by === 'mergeColumns'
      ? Object.fromEntries(Object.keys(change.old).map((name) => [name, (given as Row)[place.column(name)]]))
      : given
  return {
    [property]: {
      ...{ id: migration.id, flag: migration.flag, to: to.length === 1 ? to[0] : to },
      ...(others.length > 0 && { with: others }),
      ...(forward !== undefined && { forward, backward: byProperty(backward) }),
    },
  }
}

/** Repositories of entities. */
export const typeormApplication: ApplicationKind = {
  name: 'TypeORM',
  async open({ url, model, migrating }) {
    const entities = model.tables.map((table) => entityOf(model, table, migrating !== undefined))
    const options = { type: 'postgres', url, entities, extra: { max: 2 } } as const
    const source =
      migrating === undefined
        ? new DataSource(options)
        : new MigratingDataSource(options, { ...runtimeOptions(migrating), catalogRefreshMs: LEASE_MS })
    await source.initialize()
    const repository = (table: ModelTable) => source.getRepository<Row>(table.name)
    return {
      runtime: source instanceof MigratingDataSource ? source.runtime : undefined,
      insert: (table, rows) => repository(table).insert(rows.map((row) => ({ ...row })) as never),
      set: async (table, nr, patch) => (await repository(table).update({ nr }, patch as never)).affected ?? 0,
      where: (table, values) => repository(table).find({ where: values, order: { nr: 'ASC' } } as never),
      list: (table) => repository(table).find({ order: { nr: 'ASC' } } as never),
      remove: async (table, nr) => (await repository(table).delete({ nr })).affected ?? 0,
      sql: (text) => source.query(text),
      close: () => source.destroy(),
    }
  },
}
