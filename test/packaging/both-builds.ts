// One process with both builds of every package, as a CommonJS application gets them by way of a dependency that is an ES
// module: what the one declares and says counts for the other. Compiled as CommonJS; the first argument is a server.
import assert from 'node:assert/strict'
import { PGlite } from '@electric-sql/pglite'
import {
  createRuntime,
  currentScope,
  ExpandContractError,
  fixedFlags,
  fixedPhases,
  type Observer,
} from '@expand-contract/core'
import { instrumentedPool, StatementRefusedError } from '@expand-contract/pg'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity('people')
class Person {
  @PrimaryColumn({ type: 'int' })
  id!: number

  @Column({ type: 'text' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' } })
  name!: string
}

async function main([connectionString]: readonly string[]): Promise<void> {
  assert(connectionString)
  const core = await import('@expand-contract/core')
  const pg = await import('@expand-contract/pg')
  const typeorm = await import('@expand-contract/typeorm')
  assert.notEqual(core.createRuntime, createRuntime)
  assert.notEqual(pg.instrumentedPool, instrumentedPool)

  const flags = fixedFlags({ 'users-full-name': true })
  const fullName = core.renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })
  const phases = fixedPhases({ 'users.full_name': 'switch' })
  let catalogs = 0
  const observer: Observer = {
    onCatalog: () => {
      catalogs += 1
    },
  }
  const runtime = await createRuntime({ migrations: [fullName], flags, phases, observer })
  const lease = { catalogRefreshMs: 3_600_000 }
  const own = instrumentedPool(runtime, { connectionString }, lease)
  const other = pg.instrumentedPool(runtime, { connectionString }, lease)
  await own.query('create table users (id int primary key, name text not null, full_name text)')

  // What is known of the database is known once.
  await own.query("insert into users values (1, 'Ada')")
  catalogs = 0
  await other.query('update users set full_name = $1', ['Grace'])
  const { rows } = await own.query('select name from users')
  assert.deepEqual(rows, [{ name: 'Grace' }])
  assert.equal(catalogs, 0)

  // A request is a request for both, and so is what is decided in it.
  await runtime.withContext({ userId: '1' }, async () => {
    assert.deepEqual(core.currentScope()?.context, { userId: '1' })
    assert.equal(core.currentScope(), currentScope())
    await own.query('select name from users')
    flags.set('users-full-name', false)
    const pinned = await other.query('select name from users')
    assert.deepEqual(pinned.rows, [{ name: 'Grace' }])
  })

  // Instances of PGlite are databases of their own, whichever build they are handed to.
  const pglite = await import('@expand-contract/pglite')
  const pgliteModule = await import('@electric-sql/pglite')
  const [first, second] = [new PGlite(), new pgliteModule.PGlite()]
  const inBoth = instrumentedPGlite(runtime, first)
  const inOld = pglite.instrumentedPGlite(runtime, second)
  assert.throws(() => pglite.instrumentedPGlite(runtime, inBoth), /EC_PGLITE/)
  await inBoth.exec('create table users (name text, full_name text)')
  await inOld.exec('create table users (name text)')
  await inBoth.query("insert into users (name) values ('Ada')")
  await inOld.query("insert into users (name) values ('Ada')")
  await inBoth.query("update users set name = 'Grace'")
  assert.deepEqual((await inBoth.query("select name from users where full_name = 'Grace'")).rows, [{ name: 'Grace' }])
  await Promise.all([inBoth.close(), inOld.close()])

  const refused = await other.query('copy users (name) from stdin').catch((error: unknown) => error)
  assert(refused instanceof StatementRefusedError && refused instanceof pg.StatementRefusedError)
  assert(refused instanceof ExpandContractError && refused instanceof core.ExpandContractError)
  assert(!(new ExpandContractError('EC_TABLE', { message: 'x', hint: 'x' }) instanceof pg.StatementRefusedError))
  await Promise.all([own.end(), other.end()])
  await runtime.close()

  const source = new typeorm.MigratingDataSource({
    type: 'postgres',
    url: connectionString,
    entities: [Person],
    synchronize: true,
  })
  await source.initialize()
  await source.getRepository(Person).save({ id: 1, name: 'Ada' })
  assert.deepEqual(await source.query('select full_name from people'), [{ full_name: 'Ada' }])
  await source.destroy()
  console.log('The packages work.')
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
