import { databasePhases, openControl, readMigration, recordPhase } from '@expand-contract/control'
import { createRuntime, fixedFlags, type Migration, renameColumn, splitColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { controlHandlers, enterPhase, executeActions, rollback } from '@expand-contract/runner'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const LEASE_MS = 100
const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'nick', to: 'handle', flag: 'read-handle' }),
  splitColumn({
    ...{ table: 'users', from: 'name', fromType: 'text', to: { first: 'text', last: 'text' }, flag: 'read-parts' },
    forward: { first: "split_part(name, ' ', 1)", last: "split_part(name, ' ', 2)" },
    backward: "first || ' ' || last",
  }),
] as const
const TABLE = `create table users (id int primary key, nick text, name text, seen int default 0);
  insert into users select g, 'n' || g, 'first' || g || ' last' from generate_series(1, 200) g;`

/** An instrumented application, which reads what it has written, in transactions as well. */
async function application(
  pool: pg.Pool,
  nr: number,
  running: () => boolean,
  failed: (error: unknown) => void,
): Promise<void> {
  for (let n = 0; running(); n += 1) {
    const id = nr * 10_000 + n
    const [nick, name] = [`${nr}.${n}`, `A${nr} B${n}`]
    try {
      const client = await pool.connect()
      try {
        await client.query('begin')
        await client.query('insert into users (id, nick, name) values ($1, $2, $3)', [id, nick, name])
        const { rows } = await client.query({
          name: 'read',
          text: 'select nick, name from users where id = $1',
          values: [id],
        })
        if (rows[0]?.nick !== nick || rows[0]?.name !== name) failed(new Error(`read ${JSON.stringify(rows)}`))
        await client.query('update users set nick = $2, seen = seen + 1 where id = $1', [id, `${nick}!`])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        client.release()
      }
      const { rowCount } = await pool.query('update users set name = $2 where nick = $1', [`${nick}!`, `${name}!`])
      if (rowCount !== 1) failed(new Error(`updated ${rowCount} rows`))
    } catch (error) {
      failed(error)
    }
  }
}

/** An old version of it, or somebody else, who knows the old columns alone. */
async function bypass(
  client: pg.Client,
  nr: number,
  running: () => boolean,
  failed: (error: unknown) => void,
): Promise<void> {
  for (let n = 0; running(); n += 1)
    await client
      .query('update users set nick = $2, name = $3 where id = $1', [1 + ((n * 7 + nr) % 200), `b${n}`, `By ${n}`])
      .catch(failed)
}

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test('a life under applications: no statement fails, each reads what it has written, and nothing is out of step', async () => {
    const db = await ExpandedDatabase.open(major, TABLE)
    const control = openControl(db.client)
    const flags = fixedFlags({ 'read-handle': false, 'read-parts': false })
    const runtime = await createRuntime({ migrations: MIGRATIONS, flags, phases: databasePhases() })
    const pool = instrumentedPool(
      runtime,
      { connectionString: db.database.url, max: 3 },
      { catalogRefreshMs: LEASE_MS },
    )
    const others = [await db.connect(), await db.connect()]
    const errors: unknown[] = []
    let running = true
    const done = Promise.all([
      ...[1, 2, 3].map((nr) =>
        application(
          pool,
          nr,
          () => running,
          (error) => void errors.push(error),
        ),
      ),
      ...others.map((client, nr) =>
        bypass(
          client,
          nr,
          () => running,
          (error) => void errors.push(error),
        ),
      ),
    ])
    const aWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 3 * LEASE_MS))
    const inStep = async () => {
      await db.client.query('update users set id = id')
      return db.rows(`select * from users where handle is distinct from nick
        or (first, last) is distinct from (split_part(name, ' ', 1), split_part(name, ' ', 2))`)
    }
    /** A change of phase, as the operations make it: text of the function and record in one transaction. */
    const move = async (migration: Migration, operation: 'switch') => {
      const { phase, epoch } = (await readMigration(control, migration.id)) ?? {}
      await executeActions(db.client, enterPhase(await db.shape(migration), 'switch', 'switch'), {
        operation,
        handlers: { recordPhase: async () => undefined },
      })
      if (phase && epoch)
        await recordPhase(control, { migration: migration.id, operation, from: phase, epoch, who: 'test' })
    }
    const back = async (migration: Migration) => {
      const record = await readMigration(control, migration.id)
      const handlers = controlHandlers({
        ...{ migration, record, operator: { who: 'test' } },
      })
      const actions = rollback.plan(migration, await db.facts(migration), { phase: record?.phase ?? 'off' })
      await executeActions(db.client, actions, {
        ...{ operation: 'rollback', firstPauseMs: 20, lockTimeoutMs: 100 },
        // Nobody else has a lease, and nobody a longer one.
        handlers: { ...handlers, wait: aWhile },
      })
    }

    await aWhile()
    for (const migration of MIGRATIONS) await db.expand(migration, { firstPauseMs: 20, lockTimeoutMs: 100 })
    await aWhile()
    expect(await inStep()).toEqual([])
    for (const migration of MIGRATIONS) await move(migration, 'switch')
    for (const on of [true, false, true]) {
      flags.set('read-handle', on)
      flags.set('read-parts', on)
      await aWhile()
    }
    expect(await inStep()).toEqual([])
    for (const migration of MIGRATIONS) await back(migration)
    await aWhile()
    expect(await Promise.all(MIGRATIONS.map((migration) => db.phase(migration)))).toEqual(['expand', 'expand'])
    for (const migration of MIGRATIONS) await back(migration)
    await aWhile()
    running = false
    await done
    expect(errors).toEqual([])
    expect(await db.rows('select * from users limit 1')).toEqual([
      { id: expect.any(Number), nick: expect.any(String), name: expect.any(String), seen: expect.any(Number) },
    ])
    await pool.end()
    await runtime.close()
    await db.close()
  })
})
