import { AsyncLocalStorage } from 'node:async_hooks'
import { controlSql } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { ORM_PHASE_DRIVERS } from './orm-phase-drivers.ts'
import { PHASE_DRIVERS } from './phase-drivers.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })

/** The two sides differ, so that it shows which one was read. */
const SCRIPT = `${controlSql()};
  create table users (id int primary key, name text, full_name text); insert into users values (1, 'old', null);
  insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
    values ('${NAME.id}', 'users', 'expand', 'x', '{}', 'test', 'test')`
const READ = 'select name from users where id = 1'

/** One request after another connection's phase changes, with transactions that began before them. */
describe.each([...PHASE_DRIVERS.filter(({ alone }) => !alone), ...ORM_PHASE_DRIVERS])(
  '$name: requests across phases',
  ({ open }) => {
    const opened = () =>
      open({
        ...{ script: SCRIPT, migrations: [NAME], schema: 'expand_contract', catalogRefreshMs: 0 },
        flags: { 'read-new': true },
      })
    const name = async (query: (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>) =>
      (await query(READ))[0]?.name

    test.each(['repeatable read', 'serializable', 'read committed'])(
      'expand, switch, rollback, off beside a transaction of the level %s that began before',
      async (level) => {
        await using driver = await opened()
        const { runtime, query, bare } = driver
        const phase = (to: string) =>
          bare(`update expand_contract.migrations set phase = '${to}', epoch = epoch + 1 where id = '${NAME.id}'`)
        const request = () => {
          const scope = runtime.withContext({}, () => AsyncLocalStorage.snapshot())
          return <T>(work: () => Promise<T>): Promise<T> => scope(work)
        }
        const fresh = () => request()(() => name(query))
        const frozen = level !== 'read committed'

        const first = request()
        await driver.transaction(level, async (within) => {
          // It has a snapshot, and nothing of the table yet.
          await within('select 1')
          await bare("update users set full_name = 'new'")
          await phase('switch')
          expect(await first(() => name(query))).toBe('new')
          // The request reads new; what this transaction sees of it is not filled.
          expect(await first(() => name(within))).toBe(frozen ? 'old' : 'new')
          expect(await first(() => name(within))).toBe(frozen ? 'old' : 'new')
          expect(await first(() => name(query))).toBe('new')
        })
        expect(await fresh()).toBe('new')

        const second = request()
        expect(await second(() => name(query))).toBe('new')
        await driver.transaction(level, async (within) => {
          expect(await second(() => name(within))).toBe('new')
          await phase('expand')
          // A transaction ends as it began, and so does a request while both sides are written; whoever comes later reads old.
          expect(await second(() => name(within))).toBe('new')
          expect(await second(() => name(query))).toBe('new')
          expect(await fresh()).toBe('old')
          await phase('off')
          expect(await second(() => name(within))).toBe('new')
          expect(await second(() => name(query))).toBe('old')
        })
        await bare('alter table users drop column full_name')
        expect(await second(() => name(query))).toBe('old')
      },
    )

    test('switch, contract: a request that reads old goes over, a transaction that does ends first', async () => {
      await using driver = await opened()
      const { runtime, query, bare } = driver
      const phase = (to: string) =>
        bare(`update expand_contract.migrations set phase = '${to}', epoch = epoch + 1 where id = '${NAME.id}'`)
      await bare("update users set full_name = 'new'")
      const scope = runtime.withContext({}, () => AsyncLocalStorage.snapshot())
      // Pinned to old, before the flag counts.
      expect(await scope(() => name(query))).toBe('old')
      await driver.transaction('repeatable read', async (within) => {
        expect(await scope(() => name(within))).toBe('old')
        await phase('switch')
        expect(await scope(() => name(query))).toBe('old')
        await phase('contract')
        expect(await scope(() => name(within))).toBe('old')
        expect(await scope(() => name(query))).toBe('new')
      })
      await bare('alter table users rename column name to name_held')
      expect(await scope(() => name(query))).toBe('new')
    })
  },
)
