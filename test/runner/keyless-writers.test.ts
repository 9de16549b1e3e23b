import { changeColumnType } from '@expand-contract/core'
import { planStage } from '@expand-contract/runner'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

/** Blanks go and are never told again; and 'none' has no counterpart. */
const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})

const ROWS = 4_000

/** All say the same in the new column, or nothing, and each has another old value: once a row is changed, nothing tells what it had. */
const OLD = `case nr % 4 when 0 then 'none' || repeat(' ', nr % 40) else repeat(' ', nr % 50) || 'x' end`

describe.each(postgresMajors())('PostgreSQL %i: writers beside a restore without a key', (major) => {
  let life: BackupLife
  let path: string
  beforeAll(async () => {
    life = await BackupLife.open(
      major,
      `create table things (nr int, part int, note int, label text) partition by list (part);
       create table things_0 partition of things for values in (0); create table things_1 partition of things for values in (1);
       insert into things select nr, nr % 2, 0, ${OLD} from generate_series(1, ${ROWS}) nr`,
    )
    await life.switched(lossy)
    await life.stage(lossy, 'contract')
    path = (await life.backup(lossy)).path
    await life.stage(lossy, 'hold', 'drop')
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  test('a row that is changed before its turn keeps what it had; a new one gets none of it', async () => {
    const { client } = life
    // The column is back, and nothing is filled yet.
    const stopped = new AbortController()
    const stopping = {
      query: (text: string, values?: unknown[]) => {
        if (text.includes('filled AS (')) stopped.abort()
        return client.query(text, values)
      },
    }
    expect(
      await life.restore(lossy, path, {
        client: stopping,
        copy: backupCopy(client),
        signal: stopped.signal,
      }),
    ).toBeUndefined()
    expect(await life.phase(lossy)).toBe('contract')
    for (const stage of ['hold', 'rollback'] as const)
      await expect(
        planStage(client, { migration: lossy, stage, record: await life.record(lossy) }),
      ).rejects.toMatchObject({ code: 'EC_RESTORE_UNFINISHED' })
    await client.query(`update things set note = 1 where nr between 100 and 200; update things set part = 1 - part, note = 2 where nr between 150 and 250;
      begin; update things set note = 3 where nr between 300 and 320; rollback; delete from things where nr between 400 and 410;
      update things set tidy = 'new' where nr between 500 and 510; insert into things (nr, part, note, tidy) values (9000, 0, 0, 'x'), (9001, 1, 0, null);`)
    // By whoever may write the table, and nothing else.
    const role = `keyless_writer_${major}_${life.db.database.name}`
    await client.query(`create role "${role}" login; grant select, update on things to "${role}"`)
    const other: pg.Client = await life.db.connect()
    await other.query(`set session authorization "${role}"`)
    await other.query('update things set note = 4 where nr between 600 and 610')
    // The last batches run beside it.
    const writing = { ended: false }
    const beside = (async () => {
      for (let nr = 700; !writing.ended && nr < ROWS - 100; nr += 1)
        await other.query('update things set note = 5, part = 1 - part where nr = $1', [nr])
    })()
    const restored = await life.restore(lossy, path).finally(() => {
      writing.ended = true
    })
    await beside
    await other.query('reset session authorization')
    await client.query(`drop owned by "${role}"; drop role "${role}"`)
    expect(restored).toMatchObject({ rows: ROWS - 11 + 2, failed: 0 })
    const changed = '(nr between 500 and 510 or nr >= 9000)'
    expect(
      await life.rows(`select nr, label, tidy from things where not ${changed} and label is distinct from (${OLD})`),
    ).toEqual([])
    expect(
      await life.rows(`select distinct nr / 1000 as nr, label, tidy from things where ${changed} order by 1, 2`),
    ).toEqual([
      { nr: 0, label: 'new', tidy: 'new' },
      { nr: 9, label: 'x', tidy: 'x' },
      { nr: 9, label: null, tidy: null },
    ])
    expect(await life.rows("select relname from pg_class where relname ~ '^~restore'")).toEqual([])
    expect(await life.rows("select tgname from pg_trigger where tgname ~ 'touch'")).toEqual([])
    expect(await life.rows("select proname from pg_proc where proname ~ '^~restore|touch'")).toEqual([])
  })

  test('one whose connection dies goes on where it stood', async () => {
    await life.stage(lossy, 'hold')
    const taken = await life.backup(lossy)
    await life.stage(lossy, 'drop')
    const before = await life.rows('select nr, note, tidy from things order by 1, 2, 3')
    for (const batch of [1, 4]) {
      const client = await life.db.connect()
      client.on('error', () => undefined)
      const pid = (await client.query('select pg_backend_pid() as pid')).rows[0]?.pid
      let seen = 0
      const dying = {
        query(text: string, values?: unknown[]) {
          const answer = client.query(text, values)
          if (!text.includes('filled AS (') || ++seen !== batch) return answer
          // What the batch has done is taken back, or was committed.
          return Promise.all([answer, life.client.query('select pg_terminate_backend($1, 60000)', [pid])]).then(
            ([of]) => of,
          )
        },
      }
      await expect(life.restore(lossy, taken.path, { client: dying, copy: backupCopy(client) })).rejects.toThrow()
      expect(await life.phase(lossy)).toBe('contract')
    }
    await life.restore(lossy, taken.path)
    expect(await life.rows('select nr, note, tidy from things order by 1, 2, 3')).toEqual(before)
    const changed = '(nr between 500 and 510 or nr >= 9000)'
    expect(
      await life.rows(`select nr, label, tidy from things where not ${changed} and label is distinct from (${OLD})`),
    ).toEqual([])
    const events = await life.rows(
      "select figures from expand_contract.events where kind = 'restored' order by id desc limit 1",
    )
    expect(events).toEqual([{ figures: expect.objectContaining({ rows: ROWS - 9, exact: ROWS - 9, ambiguous: 0 }) }])
  })
})
