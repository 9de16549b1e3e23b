import { Readable } from 'node:stream'
import { changeColumnType } from '@expand-contract/core'
import { type OwnBackup, type OwnBackupRequest, planRestore, restore, takeOwnBackup } from '@expand-contract/runner'
import type pg from 'pg'
import { to } from 'pg-copy-streams'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../packages/cli/src/backup/backup-files.ts'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

/** Blanks go, and are never told again; and 'none' has no counterpart. */
const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)', id: 'lossy' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})

const SQL = `create table things (a int, b text collate "C", label text, note text, primary key (b, a));
  insert into things select n, E'b\\t\\\\' || n % 3, case n % 4 when 0 then E' x\\n' || n || '  ' when 1 then 'none' when 2 then null else 'y' || n end
    from generate_series(1, 400) n`

describe.each(postgresMajors())('PostgreSQL %i: a backup by a command of the operator', (major) => {
  let life: BackupLife
  let other: pg.Client
  const things = (columns: string) => life.rows(`select a, b, ${columns} from things order by b, a`)

  beforeAll(async () => {
    life = await BackupLife.open(major, SQL)
    other = await life.db.connect()
    await life.switched(lossy)
    await life.stage(lossy, 'contract')
  })
  afterAll(() => life?.[Symbol.asyncDispose]())
  beforeEach(() => other.query('drop table if exists copied'))

  interface Doing {
    readonly copied?: string
    readonly format?: 'text' | 'csv'
    /** Takes the snapshot that it is told. */
    readonly snapshot?: boolean
  }

  /** Copies what it is asked for into a table of its own, and gives that back. */
  const own = ({ copied, format = 'text', snapshot = false }: Doing = {}): OwnBackup => ({
    format,
    evidence: 'a test',
    async make({ query, snapshot: id }: OwnBackupRequest) {
      await other.query('begin isolation level repeatable read')
      if (snapshot) await other.query(`set transaction snapshot '${id}'`)
      await other.query(`create table copied as ${copied ?? query}; commit`)
    },
    rows: () => other.query(to(`copy copied to stdout (format ${format})`)),
  })
  const take = (given: OwnBackup, client = life.client) =>
    takeOwnBackup({ migration: lossy, client, copy: backupCopy(client), operator: { who: 'test' }, own: given })
  const count = async (what: string) => (await life.rows(`select count(*)::int as n from ${what}`))[0]?.n

  test.each(['text', 'csv'] as const)('counts where every row comes back the same, as %s', async (format) => {
    const taken = await take(own({ format }))
    expect(taken).toMatchObject({
      ...{ rows: 400, faults: 0, comparison: { same: 400, other: 0, changed: 0, added: 0, gone: 0 } },
      record: { equal: true, path: undefined, evidence: 'a test', sha256: expect.stringMatching(/^[\da-f]{64}$/u) },
    })
    expect(JSON.stringify(taken.record.figures)).not.toMatch(/y\d|x\d/u)
  })

  test('the same rows in another order have the same fingerprint', async () => {
    const one = await take(own())
    await other.query('drop table copied')
    const query = 'select b, a, label, tidy from things order by a desc'
    expect((await take(own({ copied: query }))).record.sha256).toBe(one.record.sha256)
  })

  test.each([
    ['a row is missing', 'where a <> 7', 1],
    ['a table that is empty', 'where false', 400],
    ['values were cut', '', 200, 'b, a, btrim(label) as label, tidy'],
    ['a row too many', "union all select 'b', 9999, 'x', 'x'", 1],
    ['the new column is another one', '', 200, "b, a, label, tidy || '!' as tidy"],
  ])('does not count where %s', async (_, more, faults, columns = 'b, a, label, tidy') => {
    const taken = await take(own({ copied: `select ${columns} from things ${more}` }))
    expect([taken.record.equal, taken.faults > 0]).toEqual([false, true])
    expect(taken.faults).toBeGreaterThanOrEqual(Number(faults) / 2)
  })

  test('rows that somebody changes while it is made may be either; in the snapshot that it is told nothing has changed', async () => {
    const change = async (): Promise<void> => {
      const writer = await life.db.connect()
      await writer.query(`update things set label = ' changed' || a where a between 20 and 25; delete from things where a = 30;
        insert into things (b, a, tidy) values ('b', 5000, 'new')`)
    }
    const slow = (given: OwnBackup): OwnBackup => ({
      ...given,
      async make(request) {
        await change()
        await given.make(request)
      },
    })
    expect(await take(slow(own()))).toMatchObject({ faults: 0, record: { equal: true }, comparison: { same: 393 } })
    await other.query(
      `drop table copied; delete from things where a = 5000; insert into things (b, a, label) values (E'b\\t\\\\0', 30, null)`,
    )
    const { comparison, record } = await take(slow(own({ snapshot: true })))
    expect([record.equal, comparison]).toEqual([true, { same: 400, other: 0, changed: 0, added: 0, gone: 0 }])
    await other.query('delete from things where a = 5000')
  })

  test('what are no rows is told without a value, and a command that fails is; nothing is recorded', async () => {
    const before = await count('expand_contract.backups')
    const gives = (text: string): OwnBackup => ({
      ...own(),
      make: async () => undefined,
      rows: () => Readable.from([Buffer.from(text)]),
    })
    for (const text of ['secret\n', 'b\tsecret\tx\ty\n', 'b\t1\tx\ty\nb\t1\tx\ty\n', 'b\t1\tx\ty']) {
      const error = await take(gives(text)).catch((raised: unknown) => raised)
      if (text.endsWith('y')) continue
      expect(error).toMatchObject({ code: 'EC_BACKUP_ROWS' })
      expect(String(error)).not.toContain('secret')
    }
    const failing: OwnBackup = {
      ...own(),
      make: async () => undefined,
      rows: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('b\t1\tx\ty\n')
            throw new Error('ended with 3')
          })(),
        ),
    }
    await expect(take(failing)).rejects.toThrow('ended with 3')
    // What ends the copy otherwise is not the fault of the rows, and does not say so.
    const interrupted: OwnBackup = {
      ...own(),
      make: async () => undefined,
      rows: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('b\t1\tx\ty\n')
            throw Object.assign(new Error('canceling statement due to user request'), { code: '57014' })
          })(),
        ),
    }
    await expect(take(interrupted)).rejects.toMatchObject({ code: '57014' })
    const patient: OwnBackup = {
      ...own(),
      // A role may end transactions by the clock, from 17 on; this one takes as long as its commands do.
      make: async () => {
        const [now] = await life.rows("select current_setting('transaction_timeout', true) as limit")
        throw new Error(`limit ${now?.limit ?? '0'}`)
      },
    }
    if (major >= 17) await life.rows("set transaction_timeout = '10min'")
    await expect(take(patient)).rejects.toThrow(/limit 0$/u)
    if (major >= 17) await life.rows('reset transaction_timeout')
    const cannot: OwnBackup = { ...own(), make: () => Promise.reject(new Error('no disk')) }
    await expect(take(cannot)).rejects.toThrow('no disk')
    expect(await count('expand_contract.backups')).toBe(Number(before) + 1)
    expect(
      await life.rows("select relname from pg_class where relname like 'expand_contract_%' and relpersistence = 't'"),
    ).toEqual([])
  })

  test('behind the drop it gives exact values back, from these rows and no others', async () => {
    const before = await things('label, tidy')
    await take(own())
    await life.stage(lossy, 'hold', 'drop')
    await life.client.query("update things set tidy = 'later' where a = 8; delete from things where a = 12")
    const plan = await planRestore({ migration: lossy, client: life.client, files: backupFiles, path: undefined })
    expect(plan.summary.trailer.rows).toBe(before.length)
    const { client } = life
    const common = {
      plan,
      client,
      path: undefined,
      files: backupFiles,
      copy: backupCopy(client),
      operator: { who: 'test' },
    }
    await other.query("create table as_it_was as table copied; update copied set label = 'other' where a = 4")
    await expect(restore({ ...common, own: own() })).rejects.toMatchObject({ code: 'EC_BACKUP_OTHER' })
    await other.query('delete from copied; insert into copied table as_it_was')
    expect(await life.phase(lossy)).toBe('dropped')
    expect(await restore({ ...common, own: own() })).toMatchObject({ exact: before.length - 2, mapped: 1, gone: 1 })
    expect(await things('label, tidy')).toEqual(
      before.filter(({ a }) => a !== 12).map((row) => (row.a === 8 ? { ...row, label: 'later', tidy: 'later' } : row)),
    )
  })
})
