import { controlSql, declarationHash, recordedDeclaration } from '@expand-contract/control'
import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BackfillOptions, backfill } from '../../packages/runner/src/backfill/backfill.ts'
import type { BackfillEvent } from '../../packages/runner/src/backfill/backfill-event.ts'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'

const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })
const amount = changeColumnType({ table: 'items', from: 'code', fromType: 'text', to: 'code_int', type: 'int4' })

const SCHEMA = `
  ${controlSql()}
  create table items (id int primary key, name text, code text, touched int not null default 0, label text, code_int int);
  insert into items select n, 'item ' || n, n::text from generate_series(1, 20000) n;
`

const triggerOf = (migration: Migration, table: string, assign: string): string => `
  create function sync_${migration.id.replaceAll('.', '_')}() returns trigger language plpgsql as $f$ begin ${assign} return new; end $f$;
  create trigger "${syncTriggerName(migration.id)}" before insert or update on ${table} for each row execute function sync_${migration.id.replaceAll('.', '_')}();
  alter table ${table} enable always trigger "${syncTriggerName(migration.id)}";
  insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
    values ('${migration.id}', '${table}', 'expand', '${declarationHash(migration)}', $d$${JSON.stringify(recordedDeclaration(migration))}$d$, 'test', 'test');
`

describe.each(postgresMajors())('PostgreSQL %i: backfill', (major) => {
  let database: TestDatabase
  let client: pg.Client

  beforeEach(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query(triggerOf(label, 'items', 'new.label := new.name;'))
    await client.query(
      triggerOf(
        amount,
        'items',
        `begin new.code_int := new.code::int; exception when others then new.code_int := null; end;`,
      ),
    )
  })
  afterEach(async () => {
    await client?.end()
    await database?.drop()
  })

  const run = async (options: Partial<BackfillOptions> = {}) => {
    const events: BackfillEvent[] = []
    const ddl = async (text: string): Promise<void> => void (await client.query(text))
    const result = await backfill({
      migration: label,
      client,
      worker: 'test',
      ddl,
      onEvent: (event) => events.push(event),
      ...options,
    })
    return { result, events }
  }
  const count = async (where: string, table = 'items'): Promise<number> =>
    Number((await client.query(`select count(*) from ${table} where ${where}`)).rows[0].count)

  test('fills all rows, and no more when it is run again', async () => {
    const { result } = await run()
    expect(result).toMatchObject({ ended: 'done', progress: { rows: 20_000, failedRows: 0, done: true } })
    expect(await count('label is distinct from name')).toBe(0)
    const again = await run()
    expect(again.result).toMatchObject({ ended: 'done', progress: { rows: 20_000 } })
  })

  test('a row that cannot be filled is passed and recorded by its key', async () => {
    await client.query(`update items set code = 'x' || code where id in (7, 8, 19999)`)
    const { result } = await run({ migration: amount })
    expect(result).toMatchObject({ ended: 'done', progress: { failedRows: 3 } })
    expect(await count('code_int is distinct from code::int and id not in (7, 8, 19999)')).toBe(0)
    const { rows } = await client.query(
      'select relation, key, class from expand_contract.backfill_failures order by key',
    )
    expect(rows).toEqual(['19999', '7', '8'].map((id) => ({ relation: 'public.items', key: { id }, class: '22P02' })))
  })

  test('PEERS 8, RUNNER 3: an UPDATE that moves a row behind the fixed end, and rows that come, are filled by the trigger', async () => {
    const writers = Array.from({ length: 4 }, () => new pg.Client({ connectionString: database.url }))
    await Promise.all(writers.map((each) => each.connect()))
    const writing = new AbortController()
    let [written, next] = [0, 100_000]
    const write = async (writer: pg.Client): Promise<void> => {
      while (!writing.signal.aborted) {
        await writer.query('update items set touched = touched + 1 where id = $1', [
          1 + Math.floor(Math.random() * 20_000),
        ])
        await writer.query('insert into items (id, name) values ($1, $2)', [next++, `new ${written}`])
        written++
      }
    }
    const done = Promise.all(writers.map(write))
    await run({ batchMs: 5 })
    writing.abort()
    await done
    await Promise.all(writers.map((each) => each.end()))
    expect(written).toBeGreaterThan(50)
    expect(await count('label is distinct from name')).toBe(0)
  })

  test('RUNNER 3: begins again when the table is rewritten meanwhile', async () => {
    const stop = new AbortController()
    await run({ signal: stop.signal, onEvent: () => stop.abort(), batchMs: 1 })
    await client.query('vacuum full items')
    const { result, events } = await run()
    expect(events.some(({ type }) => type === 'start')).toBe(true)
    expect(result.ended).toBe('done')
    expect(await count('label is distinct from name')).toBe(0)
  })

  test.each(['gentle', 'fast'] as const)('%s: what a commit waits for', async (profile) => {
    const answered: string[] = []
    const watching = {
      async query(text: string, values?: unknown[]) {
        const answer = await client.query(text, values)
        if (text.includes('"filled" AS'))
          answered.push((await client.query('show synchronous_commit')).rows[0].synchronous_commit)
        return answer
      },
    }
    await client.query('set synchronous_commit = local')
    await run({ client: watching, profile })
    expect(answered.length).toBeGreaterThan(1)
    // The last one is the end of a range, whose cursor must not be lost.
    expect(answered.pop()).toBe('local')
    expect(new Set(answered)).toEqual(new Set([profile === 'gentle' ? 'local' : 'off']))
  })

  test('notices a rewrite between two batches', async () => {
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    let rewritten = false
    const originalQuery = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>
    const seen: string[] = []
    const watching = {
      async query(text: string, values?: unknown[]) {
        if (text.includes('"filled" AS') && !rewritten && seen.filter((each) => each === 'batch').length === 3) {
          rewritten = true
          // Not while the batch's transaction is open: its table lock would wait for this one.
          await originalQuery('rollback')
          await other.query('vacuum full items')
          await originalQuery('begin')
        }
        if (text.includes('"filled" AS')) seen.push('batch')
        return originalQuery(text, values)
      },
    }
    const { result, events } = await run({ client: watching, batchMs: 1 })
    await other.end()
    expect(events.filter(({ type }) => type === 'rewritten')).toEqual([{ type: 'rewritten', relation: 'public.items' }])
    expect(result.ended).toBe('done')
    expect(await count('label is distinct from name')).toBe(0)
  })

  test('stops between two batches, and goes on where it stood', async () => {
    const first = await run({ budgetMs: 0 })
    expect(first.result).toMatchObject({ ended: 'budget', progress: { done: false, blocksDone: 0 } })
    const stop = new AbortController()
    let batches = 0
    const counting = {
      query: (text: string, values?: unknown[]) => {
        if (text.includes('"filled" AS') && ++batches === 3) stop.abort()
        return client.query(text, values)
      },
    }
    const second = await run({ client: counting, signal: stop.signal, batchMs: 1 })
    expect(second.result.ended).toBe('stopped')
    const { blocksDone } = second.result.progress
    expect(blocksDone).toBeGreaterThan(0)
    const third = await run()
    expect(third.events[0]).toMatchObject({ type: 'start', resumed: true, progress: { blocksDone } })
    expect(third.result.progress).toMatchObject({ done: true, rows: 20_000 })
  })

  test('waits while an operator has paused it, and says why', async () => {
    await run({ budgetMs: 0 })
    await client.query("update expand_contract.backfills set paused = true, paused_by = 'dana', reason = 'month end'")
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    const reasons: unknown[] = []
    const { result } = await run({
      onEvent(event) {
        if (event.type !== 'wait') return
        reasons.push(event.reason)
        void other.query('update expand_contract.backfills set paused = false, paused_by = null')
      },
    })
    await other.end()
    expect(reasons[0]).toMatchObject({ code: 'paused', detail: 'month end' })
    expect(result.ended).toBe('done')
  })

  test('waits for a query of the user and for old transactions, with value and limit', async () => {
    await client.query('create table office (hours text)')
    await client.query("insert into office values ('office hours')")
    const open = new pg.Client({ connectionString: database.url })
    await open.connect()
    await open.query('begin; select 1')
    const reasons: unknown[] = []
    const stop = new AbortController()
    const options = {
      onEvent: (event: BackfillEvent) => {
        if (event.type === 'wait') {
          reasons.push(event.reason)
          stop.abort()
        }
      },
    }
    await run({ ...options, signal: stop.signal, limits: { maxTransactionSeconds: 0 } })
    await open.query('rollback')
    await open.end()
    const again = new AbortController()
    await run({
      signal: again.signal,
      limits: { throttleQuery: 'select hours from office' },
      onEvent: (event) => {
        if (event.type === 'wait') {
          reasons.push(event.reason)
          again.abort()
        }
      },
    })
    expect(reasons).toEqual([
      { code: 'oldest_transaction', value: expect.any(Number), limit: 0, unit: 's', detail: undefined },
      { code: 'query', value: undefined, limit: undefined, unit: undefined, detail: 'office hours' },
    ])
  })

  test('several workers share the parts of a table', async () => {
    const others = Array.from({ length: 2 }, () => new pg.Client({ connectionString: database.url }))
    await Promise.all(others.map((each) => each.connect()))
    await run({ budgetMs: 0 })
    // As of a table that is larger: four parts.
    await client.query(`update expand_contract.backfill_ranges set end_block = end_block / 2`)
    await client.query(`insert into expand_contract.backfill_ranges (migration, relation, part, relfilenode, first_block, end_block, cursor_block)
      select migration, relation, 1, relfilenode, end_block, pg_relation_size('items') / 8192, end_block from expand_contract.backfill_ranges`)
    const results = await Promise.all([client, ...others].map((each) => run({ client: each, batchMs: 2 })))
    await Promise.all(others.map((each) => each.end()))
    expect(results.some(({ result }) => result.ended === 'done')).toBe(true)
    expect(await count('label is distinct from name')).toBe(0)
    expect((await client.query('select sum(rows)::int as rows from expand_contract.backfill_ranges')).rows).toEqual([
      { rows: 20_000 },
    ])
  })

  test('is refused before expand, and without the sync trigger', async () => {
    const other = renameColumn({ table: 'items', from: 'name', to: 'label', id: 'items.other', type: 'text' })
    await expect(run({ migration: other })).rejects.toMatchObject({
      code: 'EC_BACKFILL_NOT_EXPANDED',
      migration: 'items.other',
    })
    await client.query(`alter table items enable trigger "${syncTriggerName(label.id)}"`)
    await expect(run()).rejects.toMatchObject({ code: 'EC_SYNC_TRIGGER' })
    await expect(
      run({ migration: renameColumn({ table: 'nowhere', from: 'name', to: 'label' }) }),
    ).rejects.toMatchObject({ code: 'EC_TABLE_MISSING' })
  })
})
