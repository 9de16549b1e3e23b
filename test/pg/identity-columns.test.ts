import { changeColumnType, createRuntime, fixedPhases, type Phase, type Side } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'

type Generated = 'always' | 'by default'

const ROWS = "insert into t (c) values ('a'), ('b'), ('c')"
const table = (generated: Generated): string =>
  `create table t (id int generated ${generated} as identity, c text unique, n int); ${ROWS}`
const ADDED = 'alter table t add id_ec bigint; update t set id_ec = id'
const dropped = (generated: Generated): string =>
  `alter table t drop id, alter id_ec set not null;
   alter table t alter id_ec add generated ${generated} as identity (start with 4)`

/** What a twin of the new side has from the beginning: the column stands last there, as a new one does. */
const twinOfNewSide = (generated: Generated): string =>
  `create table t (c text unique, n int, id_ec bigint generated ${generated} as identity); ${ROWS}`

const UPDATES = [
  'update t set {id} = default',
  "update t set {id} = default, n = 7 where c <> 'b'",
  "update t set n = 7, {id} = DEFAULT from (values (1), (1)) v(x) where c = 'a'",
  "update t set c = c || '!', {id} = default where n is null",
  "insert into t (c) values ('b'), ('x') on conflict (c) do update set {id} = default, n = 9",
]
const INSERTS = [
  "insert into t (c) values ('x'), ('y')",
  "insert into t ({id}, c) values (default, 'x'), (default, 'y')",
  "insert into t (c) select 'x' || g from generate_series(1, 3) g",
  "insert into t ({id}, c) overriding system value values (77, 'x')",
  'insert into t default values',
]
const MERGES = [
  "merge into t using (values ('a'), ('x')) v(k) on v.k = t.c when matched then update set {id} = default when not matched then do nothing",
]

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  describe.each(['always', 'by default'] as const)(
    'a migrating column that is GENERATED %s AS IDENTITY',
    (generated) => {
      const stages: readonly (readonly [string, readonly string[], Phase])[] = [
        ['the old column alone', [table(generated)], 'off'],
        ['both', [table(generated), ADDED], 'expand'],
        ['both, of which the new one is read', [table(generated), ADDED], 'switch'],
        ['the new column alone', [table(generated), ADDED, dropped(generated)], 'contract'],
      ]
      describe.each(['old', 'new'] as const)('in an application of the %s side', (app) => {
        test.each(stages)('is given one value, with %s', async (_, sql, phase) => {
          const pair = await openPair(app, sql, phase)
          const statements = [...UPDATES, ...INSERTS, ...(major >= 15 ? MERGES : [])]
          for (const statement of statements)
            expect(await pair.seen(statement), statement).toEqual(await pair.expected(statement))
          await pair.close()
        })
      })

      async function openPair(app: Side, sql: readonly string[], phase: Phase) {
        const migration = changeColumnType({
          ...{ table: 't', from: 'id', fromType: 'integer', to: 'id_ec', type: 'bigint', app, flag: 'new' },
          after: '',
        })
        const twin = await createDatabase(major, { sql: app === 'old' ? table(generated) : twinOfNewSide(generated) })
        const database = await createDatabase(major, { sql: sql.join(';') })
        const runtime = await createRuntime({
          migrations: [migration],
          phases: fixedPhases({ [migration.id]: phase }),
          flags: { isEnabled: () => true },
        })
        const client = new (instrumentedClient(runtime))({ connectionString: database.url })
        const bare = new pg.Client({ connectionString: twin.url })
        await Promise.all([client.connect(), bare.connect()])
        const id = app === 'old' ? 'id' : 'id_ec'
        const run = async (on: pg.Client, statement: string, check?: string) => {
          const sequence = `select setval(pg_get_serial_sequence('t', column_name), 100) from information_schema.columns
          where table_name = 't' and is_identity = 'YES'`
          await on.query('begin')
          try {
            await on.query(sequence)
            const { rowCount, command } = await on.query(statement.replaceAll('{id}', id))
            const { rows } = await on.query(`select ${id}::text, c, n from t order by c, ${id}`)
            // Past the library: through it one column would be read in place of the other.
            const past = pg.Client.prototype.query as (this: pg.Client, text: string) => Promise<pg.QueryResult>
            const apart = check === undefined ? [] : (await past.call(on, check)).rows
            return { rowCount, command, rows, apart }
          } catch (error) {
            return error instanceof pg.DatabaseError ? { code: error.code, message: error.message } : String(error)
          } finally {
            await on.query('rollback')
          }
        }
        const apart = sql.length === 2 ? 'select id, id_ec from t where id is distinct from id_ec' : undefined
        return {
          seen: (statement: string) => run(client, statement, apart),
          expected: (statement: string) => run(bare, statement),
          async close() {
            await Promise.all([client.end(), bare.end()])
            await Promise.all([database.drop(), twin.drop()])
          },
        }
      }
    },
  )
})
