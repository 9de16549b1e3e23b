import { createRuntime } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedSql } from '@expand-contract/postgres-js'
import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleOnPg } from 'drizzle-orm/node-postgres'
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { Column, Entity, type EntityManager, PrimaryGeneratedColumn } from 'typeorm'
import { describe, expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { BOTH_UNIQUE, Gate, MIGRATIONS } from './overtaken-upserts.ts'

@Entity('accounts')
class Account {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'text', unique: true })
  @MigratingColumn({ to: { name: 'login_name', type: 'text' } })
  login!: string

  @Column({ type: 'int', default: 1 })
  hits!: number
}

const accounts = pgTable('accounts', { id: serial('id'), login: text('login'), hits: integer('hits') })

/** An upsert of a key by an ORM, by itself and in its transactions. */
interface Orm {
  upsert(key: string): Promise<unknown>
  inTransactions(key: string): Promise<unknown>
  close(): Promise<void>
}

type Drizzle = ReturnType<typeof drizzleOnPg> | ReturnType<typeof drizzleOnPostgresJs>

function ofDrizzle(db: Drizzle, close: () => Promise<void>): Orm {
  const upsert = (on: Pick<ReturnType<typeof drizzleOnPg>, 'insert'>, login: string): Promise<unknown> =>
    on
      .insert(accounts)
      .values({ login })
      .onConflictDoUpdate({ target: accounts.login, set: { hits: sql`${accounts.hits} + 1` } })
      .returning({ hits: accounts.hits })
  const plain = db as unknown as ReturnType<typeof drizzleOnPg>
  return {
    upsert: (key) => upsert(plain, key),
    inTransactions: (key) =>
      plain.transaction((tx) =>
        tx.transaction(async (inner) => [await upsert(inner, key), await inner.execute('select 1')][0]),
      ),
    close,
  }
}

async function ofTypeorm(url: string): Promise<Orm> {
  const extra = { options: '-c app.held=yes' }
  const source = new MigratingDataSource({ type: 'postgres', url, entities: [Account], extra })
  await source.initialize()
  const upsert = async (manager: EntityManager, login: string): Promise<unknown> => {
    await manager.upsert(Account, { login, hits: 2 }, ['login'])
    return [{ hits: (await manager.findOneByOrFail(Account, { login })).hits }]
  }
  return {
    upsert: (key) => upsert(source.manager, key),
    inTransactions: (key) => source.transaction((outer) => outer.transaction((inner) => upsert(inner, key))),
    close: () => source.destroy(),
  }
}

const ORMS: Readonly<Record<string, (url: string) => Promise<Orm>>> = {
  TypeORM: ofTypeorm,
  'Drizzle on pg': async (url) => {
    const runtime = await createRuntime({ migrations: MIGRATIONS, phases: readSwitch(MIGRATIONS) })
    const pool = instrumentedPool(runtime, { connectionString: url, options: '-c app.held=yes' })
    return ofDrizzle(drizzleOnPg(pool), async () => {
      await pool.end()
      await runtime.close()
    })
  },
  'Drizzle on postgres-js': async (url) => {
    const runtime = await createRuntime({ migrations: MIGRATIONS, phases: readSwitch(MIGRATIONS) })
    const driver = postgres(url, { max: 2, connection: { 'app.held': 'yes' } as never })
    const client = instrumentedSql(runtime, driver) as postgres.Sql
    return ofDrizzle(drizzleOnPostgresJs(client), async () => {
      await client.end()
      await runtime.close()
    })
  },
}

async function drawn(gate: Gate): Promise<number> {
  const [row] = await gate.rows("select nextval('accounts_id_seq')::int as id")
  return (row as { readonly id: number }).id
}

describe.each(Object.entries(ORMS))('%s', (_, open) => {
  test('an upsert that is overtaken updates the row, in its transactions as well', async () => {
    const database = await createDatabase(newestMajor(), { sql: BOTH_UNIQUE })
    const gate = await Gate.on(database.url)
    const orm = await open(database.url)
    for (const work of ['upsert', 'inTransactions'] as const) {
      const before = await drawn(gate)
      const hits = await gate.overtake(
        () => orm[work](work),
        () => gate.rows(`insert into accounts (login, login_name) values ('${work}', '${work}')`),
      )
      expect(hits).toEqual([{ hits: 2 }])
      expect(await gate.rows(`select hits, login_name from accounts where login = '${work}'`)).toEqual([
        { hits: 2, login_name: work },
      ])
      // The upsert has drawn an id each time, and so has the insert that overtook it.
      expect((await drawn(gate)) - before - 1).toBe(3)
    }
    await orm.close()
    await gate.close()
    await database.drop()
  })
})
