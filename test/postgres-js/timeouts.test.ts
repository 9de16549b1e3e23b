import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { openSql, PATIENT } from './open-sql.ts'
import { BOTH, PEOPLE } from './people.ts'

const HURRIED = { statement_timeout: 1_500, lock_timeout: 1_500 }
const settings = 'select current_setting($$statement_timeout$$) as statement, current_setting($$lock_timeout$$) as lock'

test.concurrent.each([1, 3])(
  'timeouts of the application fail no reading of the catalog, and stay as they are: %i connections',
  async (max) => {
    await using fixture = await openSql(newestMajor(), {
      ...{ script: BOTH, migrations: PEOPLE, max, connection: HURRIED, catalogRefreshMs: 0 },
    })
    const { sql } = fixture
    const { host, port, database, user, pass } = sql.options as unknown as Record<string, string[]> & { pass: string }
    const held = async <T>(work: () => Promise<T>): Promise<T> => {
      const blocker = new pg.Client({
        ...{ host: host?.[0], port: Number(port?.[0]), database: String(database), user: String(user), password: pass },
      })
      await blocker.connect()
      await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
      const done = work()
      const waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
      await vi.waitFor(async () => expect(await fixture.bare(waiting)).toHaveLength(1), PATIENT.timeout)
      await new Promise((resolve) => setTimeout(resolve, 1_800))
      await blocker.end()
      return done
    }
    expect(await held(async () => [...(await sql`select name from people where id = 1`)])).toEqual([{ name: 'Ada' }])
    await sql.begin(async (tx) => {
      await tx`alter table notes add more text`
      const write = async () => tx`update people set name = 'Eve' where id = 1`
      await held(write)
      expect([...(await tx.unsafe(settings))]).toEqual([{ statement: '1500ms', lock: '1500ms' }])
    })
    expect(await fixture.bare('select name, full_name from people where id = 1')).toEqual([
      { name: 'Eve', full_name: 'Eve' },
    ])
    expect([...(await sql.unsafe(settings))]).toEqual([{ statement: '1500ms', lock: '1500ms' }])
  },
)
