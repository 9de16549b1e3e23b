// What a user writes: the test of the packed packages compiles it as an ES module and as CommonJS, and runs both against a
// real server whose address is the first argument.
import assert from 'node:assert/strict'
import { PGlite } from '@electric-sql/pglite'
import { live } from '@electric-sql/pglite/live'
import { databasePhases, installControl, joinFleet, openControl, readFleet } from '@expand-contract/control'
import {
  createRuntime,
  ExpandContractError,
  fixedFlags,
  fixedPhases,
  type Migration,
  type Runtime,
  renameColumn,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { REASONS, type ReasonCode } from '@expand-contract/sql'
import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import { unleashFlags } from '@expand-contract/unleash'
import pg from 'pg'
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm'
import { Unleash } from 'unleash-client'

const flags = fixedFlags()
const phases = fixedPhases({ 'users.full_name': 'switch' })
const fullName: Migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })

async function migrate(connectionString: string): Promise<void> {
  const runtime: Runtime = await createRuntime({ migrations: [fullName], flags, phases })
  const pool = instrumentedPool(runtime, { connectionString }, { catalogRefreshMs: 0 })
  assert(pool instanceof pg.Pool)
  const names = async (): Promise<string[]> => {
    const { rows } = await pool.query<{ name: string }>('select name from users order by name')
    return rows.map((row) => row.name)
  }

  await pool.query('create table users (id int primary key, name text not null)')
  await pool.query('insert into users values ($1, $2)', [1, 'Ada'])
  await pool.query('alter table users add column full_name text')
  await pool.query('insert into users (id, name) values ($1, $2)', [2, 'Grace'])
  assert.deepEqual(await names(), ['Ada', 'Grace'])

  await pool.query('update users set name = name')
  flags.set('users-full-name', true)
  await pool.query("update users set full_name = 'Hopper' where id = 2")
  assert.deepEqual(await names(), ['Ada', 'Hopper'])

  await pool.query('alter table users drop column name')
  assert.deepEqual(await names(), ['Ada', 'Hopper'])
  await pool.end()
  await runtime.close()
}

@Entity('customers')
class Customer {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'text' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'customers-full-name' })
  name!: string
}

async function migrateEntity(url: string): Promise<void> {
  const ownFlags = fixedFlags()
  const source = new MigratingDataSource(
    { type: 'postgres', url, entities: [Customer], synchronize: true },
    { flags: ownFlags, phases: fixedPhases({ 'customers.full_name': 'switch' }) },
  )
  await source.initialize()
  await source.getRepository(Customer).save({ name: 'Ada' })
  const stored = await source.query('select full_name from customers')
  assert.deepEqual(stored, [{ full_name: 'Ada' }])
  ownFlags.set('customers-full-name', true)
  await source.query("update customers set full_name = 'Grace'")
  const [customer] = await source.getRepository(Customer).findBy({ name: 'Grace' })
  assert.equal(customer?.name, 'Grace')
  await source.destroy()
}

async function migratePGlite(): Promise<void> {
  const ownFlags = fixedFlags({ 'users-full-name': true })
  const runtime = await createRuntime({ migrations: [fullName], flags: ownFlags, phases })
  const db = instrumentedPGlite(runtime, await PGlite.create({ extensions: { live } }))
  await db.exec('create table users (id int primary key, name text not null); alter table users add full_name text')
  const { initialResults, unsubscribe } = await db.live.query('select name from users where id > $1', [0])
  assert.deepEqual(initialResults.rows, [])
  await unsubscribe()
  await db.transaction((tx) => tx.sql`insert into users values (${1}, ${'Ada'})`)
  assert.deepEqual((await db.query('select name, full_name from users')).rows, [{ name: 'Ada', full_name: 'Ada' }])
  await db.close()
  await runtime.close()
}

async function followDatabase(connectionString: string): Promise<void> {
  const runtime = await createRuntime({ migrations: [fullName], phases: databasePhases({ schema: 'control' }) })
  const pool = instrumentedPool(runtime, { connectionString })
  const { version } = await installControl(pool, { schema: 'control' })
  assert(version > 0)
  const fleet = joinFleet(runtime, pool, { application: 'shop', schema: 'control' })
  await fleet.report()
  assert.equal((await readFleet(openControl(pool, { schema: 'control' })))[0]?.application, 'shop')
  await fleet.leave()
  await pool.end()
  await runtime.close()
}

async function refuse(): Promise<void> {
  assert.throws(
    () => renameColumn({ table: 'users', from: 'name', to: 'name' }),
    (error) => ExpandContractError.isInstance(error) && error.code === 'EC_COLUMNS',
  )
  // @ts-expect-error a phase that does not exist is found by the compiler
  assert.throws(() => fixedPhases({ 'users.full_name': 'swich' }), /EC_PHASE/)
  const reason: ReasonCode = 'copy-from'
  assert(REASONS[reason].remedy.length > 0)

  const unleash = new Unleash({ appName: 'shop', url: 'http://localhost:1/api', disableAutoStart: true })
  const runtime = await createRuntime({
    migrations: [fullName],
    flags: unleashFlags(unleash, { startTimeoutMs: 0 }),
  })
  await runtime.close()
  unleash.destroy()
}

async function main([connectionString]: readonly string[]): Promise<void> {
  assert(connectionString)
  await migrate(connectionString)
  await migrateEntity(connectionString)
  await migratePGlite()
  await followDatabase(connectionString)
  await refuse()
  console.log('The packages work.')
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
