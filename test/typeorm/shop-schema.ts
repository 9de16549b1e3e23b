import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { MigratingDataSource } from '@expand-contract/typeorm'
import { DataSource } from 'typeorm'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { queryServer, runScript } from '../support/query-server.ts'
import { type ShopEntities, shopEntities } from './shop/entities.ts'
import type { AppSide } from './shop/fields.ts'

export const dataSourceOptions = (database: TestDatabase, entities: ShopEntities) => ({
  type: 'postgres' as const,
  url: database.url,
  entities: Object.values(entities),
  installExtensions: false,
  uuidExtension: 'pgcrypto' as const,
  cache: true,
  poolSize: 4,
})

const scripts = new Map<string, Promise<string>>()

/** The schema that TypeORM makes of the entities of a side, with nothing declared. */
export function schemaScript(major: PostgresMajor, app: AppSide): Promise<string> {
  const key = `${major} ${app}`
  const script = scripts.get(key) ?? makeScript(major, app)
  scripts.set(key, script)
  return script
}

async function makeScript(major: PostgresMajor, app: AppSide): Promise<string> {
  const database = await createDatabase(major)
  const source = new DataSource(dataSourceOptions(database, shopEntities({ app, migrating: false })))
  await source.initialize()
  const { upQueries } = await source.driver.createSchemaBuilder().log()
  await source.destroy()
  await database.drop()
  return upQueries.map(({ query }) => query).join(';\n')
}

/** Stage 1, by TypeORM itself; and the unique constraints that ON CONFLICT needs, which TypeORM must then leave alone. */
export async function addNewColumns(database: TestDatabase, entities: ShopEntities): Promise<readonly Migration[]> {
  const migrations = await declaredBy(database, entities, true)
  await runScript(
    database.url,
    `alter table customers add constraint customers_code_text_key unique (code_text);
     create unique index parcels_reference_text_key on parcels (reference_text);
     create unique index tickets_seat_text_key on tickets (event, seat_text);
     create unique index counters_number_big_key on counters (number_big)`,
  )
  return migrations
}

/** The migrations that entities declare; on the way TypeORM may make the schema of them. */
export async function declaredBy(
  database: TestDatabase,
  entities: ShopEntities,
  synchronize = false,
): Promise<readonly Migration[]> {
  const source = new MigratingDataSource({ ...dataSourceOptions(database, entities), synchronize })
  await source.initialize()
  const { migrations } = source.runtime
  await source.destroy()
  return migrations
}

/** What a user does before Stage 4: the new column gets the default and the NOT NULL of the old one, which loses its own, and takes over the primary key and the sequence. */
export async function freeOldColumns(database: TestDatabase, migrations: readonly Migration[]): Promise<void> {
  for (const { table, old, new: added, forward } of migrations) {
    const [from, to] = [old[0]?.name ?? '', added[0]?.name ?? '']
    const { rows } = await queryServer(
      database.url,
      'select column_default, is_nullable from information_schema.columns where table_name = $1 and column_name = $2',
      [table.name, from],
    )
    const { column_default, is_nullable } = rows[0]
    const mapping = forward[to]
    const changes = [`alter column ${quoteIdentifier(from)} drop not null`]
    const key = await primaryKeyOn(database, table.name, from)
    if (key !== undefined) {
      const named = quoteIdentifier(key)
      const index = quoteIdentifier(`${table.name}_${to}_key`)
      changes.unshift(`drop constraint ${named}`, `add constraint ${named} primary key using index ${index}`)
    }
    if (is_nullable === 'NO') changes.push(`alter column ${quoteIdentifier(to)} set not null`)
    if (column_default !== null && mapping?.kind === 'column')
      changes.push(
        `alter column ${quoteIdentifier(to)} set default (${column_default})::${added[0]?.type}`,
        `alter column ${quoteIdentifier(from)} drop default`,
      )
    const column = `${quoteTable(table)}.${quoteIdentifier(to)}`
    const sequence = /^nextval\('(?<name>.*)'::regclass\)$/u.exec(column_default ?? '')?.groups?.name
    await runScript(
      database.url,
      `alter table ${quoteTable(table)} ${changes.join(', ')};
       ${sequence === undefined ? '' : `alter sequence ${sequence} as ${added[0]?.type} owned by ${column}`}`,
    )
  }
}

async function primaryKeyOn(database: TestDatabase, table: string, column: string): Promise<string | undefined> {
  const { rows } = await queryServer(
    database.url,
    `select conname as name from pg_constraint
     where contype = 'p' and conrelid = quote_ident($1)::regclass
       and (select attnum from pg_attribute where attrelid = conrelid and attname = $2) = any (conkey)`,
    [table, column],
  )
  return rows[0]?.name
}

export async function dropOldColumns(database: TestDatabase, migrations: readonly Migration[]): Promise<void> {
  await freeOldColumns(database, migrations)
  for (const { table, old } of migrations)
    await runScript(database.url, `alter table ${quoteTable(table)} drop column ${quoteIdentifier(old[0]?.name ?? '')}`)
}
