import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { PGliteWithLive } from '@electric-sql/pglite/live'
import type { PGliteWorker } from '@electric-sql/pglite/worker'
import type { MigratingBuilder, physicalTables } from '@expand-contract/drizzle'
import type { instrumentedClient, instrumentedPool, PgModule } from '@expand-contract/pg'
import type { instrumentedPGlite } from '@expand-contract/pglite'
import type { instrumentedSql } from '@expand-contract/postgres-js'
import type { MigratingDataSource, OtherColumn } from '@expand-contract/typeorm'
import type { generateDrizzleJson, pushSchema } from 'drizzle-kit/api'
import type { drizzle, NodePgClient } from 'drizzle-orm/node-postgres'
import type { PgColumn, PgColumnBuilderBase, PgTable } from 'drizzle-orm/pg-core'
import type { drizzle as drizzleOnPGlite } from 'drizzle-orm/pglite'
import type { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import type pg from 'pg'
import type postgres from 'postgres'
import type { ColumnOptions, DataSource, Table } from 'typeorm'
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js'
import { describe, expectTypeOf, test } from 'vitest'

// Checked by the compiler. They fail when a newer version of a library has changed what an adapter takes from it, or has
// more of it than the adapter has been told of.

type KeysOfArrays<T> = { [Key in keyof T]-?: T[Key] extends readonly unknown[] ? Key : never }[keyof T]

describe("pg's own types", () => {
  test('the module is what instrumentedClient takes, and what it returns is a Client of it', () => {
    expectTypeOf<typeof pg>().toExtend<PgModule>()
    expectTypeOf<typeof instrumentedClient>().returns.toEqualTypeOf<typeof pg.Client>()
    expectTypeOf<typeof instrumentedPool>().returns.toEqualTypeOf<pg.Pool>()
    expectTypeOf<ReturnType<typeof instrumentedClient>>().toExtend<NonNullable<pg.PoolConfig['Client']>>()
  })
})

describe("PGlite's own types", () => {
  test('what is handed to instrumentedPGlite keeps its type, and a worker is none', () => {
    expectTypeOf<typeof instrumentedPGlite<PGlite & PGliteWithLive>>().returns.toEqualTypeOf<PGlite & PGliteWithLive>()
    expectTypeOf<PGlite>().toExtend<Parameters<typeof instrumentedPGlite>[1]>()
    expectTypeOf<PGliteWorker>().not.toExtend<Parameters<typeof instrumentedPGlite>[1]>()
  })

  test('no way to send a statement has been added', () => {
    type Planned = 'query' | 'exec' | 'sql' | 'transaction' | 'describeQuery' | 'clone'
    type Refused = `execProtocol${'' | 'Raw' | 'RawStream' | 'RawSync' | 'Stream'}`
    type Untouched = 'listen' | 'unlisten' | 'onNotification' | 'offNotification' | 'runExclusive' | 'dumpDataDir'
    type Types = 'parsers' | 'serializers' | 'refreshArrayTypes'
    type State = 'ready' | 'closed' | 'close' | 'waitReady' | 'debug' | 'dataDir' | 'isInTransaction' | 'syncToFs'
    type Module = 'fs' | 'copyToFS' | 'Module' | 'ENV' | 'callMain' | 'handleExternalCmd' | 'externalCommandStreamFd'
    type Known = Planned | Refused | Untouched | Types | State | Module | typeof Symbol.asyncDispose
    expectTypeOf<Exclude<keyof PGlite, `_${string}`>>().toEqualTypeOf<Known>()
    type InTransaction = 'query' | 'exec' | 'sql' | 'rollback' | 'listen' | 'closed'
    expectTypeOf<keyof Transaction>().toEqualTypeOf<InTransaction>()
  })
})

describe("TypeORM's own types", () => {
  test('a MigratingDataSource is a DataSource, of options that have a place for the client', () => {
    expectTypeOf<MigratingDataSource>().toExtend<DataSource>()
    expectTypeOf<PostgresDataSourceOptions['type']>().toEqualTypeOf<'postgres'>()
    expectTypeOf<'extra' | 'driver' | 'replication'>().toExtend<keyof PostgresDataSourceOptions>()
  })

  test('@Column takes nothing for the type of a column that the other column does not take', () => {
    type Value =
      | 'default'
      | 'nullable'
      | 'generated'
      | 'generatedIdentity'
      | 'generatedType'
      | 'asExpression'
      | 'onUpdate'
    type Entity = 'select' | 'insert' | 'update' | 'transformer' | 'query' | 'utc'
    type Constraint = 'primary' | 'unique' | 'primaryKeyConstraintName' | 'foreignKeyConstraintName'
    type OtherDatabases = 'charset' | 'unsigned'
    type Left = Value | Entity | Constraint | OtherDatabases
    expectTypeOf<keyof ColumnOptions>().toEqualTypeOf<keyof OtherColumn | Left>()
  })

  test('a table has no parts but those that are hidden from the schema builder', () => {
    type Hidden = 'columns' | 'indices' | 'uniques' | 'checks' | 'exclusions' | 'foreignKeys'
    expectTypeOf<KeysOfArrays<Table>>().toEqualTypeOf<Hidden | 'primaryColumns'>()
  })
})

describe("Drizzle's own types", () => {
  test('drizzle() takes what is instrumented', () => {
    expectTypeOf<typeof instrumentedPool>().returns.toExtend<NodePgClient>()
    expectTypeOf<InstanceType<ReturnType<typeof instrumentedClient>>>().toExtend<NodePgClient>()
    expectTypeOf<typeof drizzle<Record<string, never>, pg.Pool>>().toBeCallableWith({ client: {} as pg.Pool })
    expectTypeOf<typeof instrumentedSql<Record<string, never>>>().returns.toExtend<postgres.Sql>()
    expectTypeOf<typeof drizzleOnPostgresJs<Record<string, never>, postgres.Sql>>().toBeCallableWith({
      client: {} as postgres.Sql,
    })
    expectTypeOf<typeof drizzleOnPGlite<Record<string, never>, PGlite>>().toBeCallableWith({ client: {} as PGlite })
  })

  test('the builder of a migrating column is all that pgTable asks of one', () => {
    expectTypeOf<keyof PgColumnBuilderBase>().toEqualTypeOf<keyof MigratingBuilder<PgColumnBuilderBase>>()
  })

  test('drizzle-kit takes what physicalTables returns', () => {
    type Physical = ReturnType<typeof physicalTables<{ readonly users: PgTable }>>
    expectTypeOf<Physical>().toExtend<Parameters<typeof pushSchema>[0]>()
    expectTypeOf<Physical>().toExtend<Parameters<typeof generateDrizzleJson>[0]>()
  })

  test('a column has nothing that a new one would have to be added without', () => {
    type Without = 'notNull' | 'primary' | 'hasDefault' | 'default' | 'generatedIdentity'
    type Refused = 'generated'
    type Unique = 'isUnique' | 'uniqueName' | 'uniqueType'
    type Kept = 'name' | 'keyAsName' | 'table' | 'dataType' | 'columnType' | 'enumValues' | '_'
    type InProgram =
      | 'defaultFn'
      | 'onUpdateFn'
      | 'getSQL'
      | 'getSQLType'
      | 'mapFromDriverValue'
      | 'mapToDriverValue'
      | 'shouldOmitSQLParens'
    expectTypeOf<keyof PgColumn>().toEqualTypeOf<Without | Refused | Unique | Kept | InProgram>()
  })
})
