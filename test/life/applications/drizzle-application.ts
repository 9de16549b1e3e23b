import { merging, migrating as migratingColumn, migrationsOf, splitting } from '@expand-contract/drizzle'
import { instrumentedPool } from '@expand-contract/pg'
import { and, asc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, integer, numeric, type PgTable, pgSchema, pgTable, text, varchar } from 'drizzle-orm/pg-core'
import pg from 'pg'
import type { TypeName } from '../change-kinds.ts'
import type { LifeModel, ModelTable } from '../life-model.ts'
import type { Place } from '../place.ts'
import type { ApplicationKind } from './life-application.ts'
import { LEASE_MS, runtimeOf } from './runtime-options.ts'

const BUILDERS: Readonly<Record<TypeName, (name: string) => unknown>> = {
  int4: (name) => integer(name),
  int8: (name) => bigint(name, { mode: 'number' }),
  text: (name) => text(name),
  'varchar(40)': (name) => varchar(name, { length: 40 }),
  'numeric(12,2)': (name) => numeric(name, { precision: 12, scale: 2 }),
}

type Columns = Record<string, unknown>

/** The migrating columns of a table, wrapped or as they were before. */
function declaredColumns(place: Place, { change, declaration, migration }: ModelTable, wrapped: boolean): Columns {
  const made = (columns: Readonly<Record<string, TypeName>>): Columns =>
    Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, BUILDERS[type](place.column(name))]))
  const [old, added] = [made(change.old), made(change.new)]
  if (!wrapped) return old
  const { forward, backward } = declaration.options
  const options = { id: migration.id, flag: migration.flag, ...(forward !== undefined && { forward, backward }) }
  const [from = ''] = Object.keys(old)
  const [to] = Object.values(added)
  switch (change.by) {
    case 'splitColumn':
      return { [from]: splitting(old[from] as never, { ...options, to: added } as never) }
    case 'mergeColumns':
      return merging(old as never, { ...options, to } as never)
    default:
      return { [from]: migratingColumn(old[from] as never, { ...options, to } as never) }
  }
}

function drizzleTables({ place, tables }: LifeModel, wrapped: boolean): Readonly<Record<string, PgTable>> {
  const make = place.schema === undefined ? pgTable : pgSchema(place.schema).table
  return Object.fromEntries(
    tables.map((table) => {
      const columns = {
        ...{ nr: integer('nr').notNull(), ...declaredColumns(place, table, wrapped) },
        ...{ note: text('note'), region: text('region').notNull() },
      }
      return [table.name, (make as typeof pgTable)(place.table(table.name), columns as never) as PgTable]
    }),
  )
}

/** Its query builder, on node-postgres. */
export const drizzleApplication: ApplicationKind = {
  name: 'Drizzle',
  async open({ url, model, migrating }) {
    const tables = drizzleTables(model, migrating !== undefined)
    const runtime = migrating && (await runtimeOf(migrationsOf(tables), migrating))
    const config = { connectionString: url, max: 2 }
    const pool =
      runtime === undefined ? new pg.Pool(config) : instrumentedPool(runtime, config, { catalogRefreshMs: LEASE_MS })
    const db = drizzle({ client: pool })
    // Tables that are made at run time have no types of their own.
    const of = (table: ModelTable) => tables[table.name] as never as ReturnType<typeof pgTable<'t', never>>
    const column = (table: ModelTable, name: string) => (of(table) as never as Record<string, never>)[name] as never
    return {
      runtime,
      insert: (table, rows) => db.insert(of(table)).values([...rows] as never),
      set: async (table, nr, patch) =>
        (
          await db
            .update(of(table))
            .set(patch as never)
            .where(eq(column(table, 'nr'), nr))
        ).rowCount ?? 0,
      where: (table, values) =>
        db
          .select()
          .from(of(table) as never)
          .where(and(...Object.entries(values).map(([name, value]) => eq(column(table, name), value))))
          .orderBy(asc(column(table, 'nr'))) as never,
      list: (table) =>
        db
          .select()
          .from(of(table) as never)
          .orderBy(asc(column(table, 'nr'))) as never,
      remove: async (table, nr) => (await db.delete(of(table)).where(eq(column(table, 'nr'), nr))).rowCount ?? 0,
      sql: async (statement) => (await db.execute(sql.raw(statement))).rows,
      async close() {
        await pool.end()
        await runtime?.close()
      },
    }
  },
}
