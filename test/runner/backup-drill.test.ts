import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { changeColumnType, renameColumn } from '@expand-contract/core'
import { planRestore, planStage, takeBackup } from '@expand-contract/runner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../packages/cli/src/backup/backup-files.ts'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

/** Lossy: blanks go and are never told again; and 'none' has no counterpart, so that some rows have none at all. */
const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)', id: 'lossy' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})
const other = renameColumn({ table: 'others', from: 'name', to: 'title', type: 'text' })
const wide = changeColumnType({ table: 'accounts', from: 'id', to: 'id8', fromType: 'int', type: 'bigint' })
const marked = renameColumn({ table: 'marked', from: 'name', to: 'title', type: 'text' })

const SQL = `create table things (a int, b text collate "C", label text, note text, primary key (b, a));
  insert into things select n, 'b' || n % 3, case n % 4 when 0 then ' x' || n || '  ' when 1 then 'none' when 2 then null else 'y' || n end from generate_series(1, 400) n;
  create index things_label on things (label); alter table things add constraint short check (length(label) < 100);
  create table others (id int primary key, name text); insert into others values (1, 'Ann');
  create table accounts (id int primary key, name text); insert into accounts select n, 'n' from generate_series(1, 200) n;
  create table marked (id int primary key, name text, changes int default 0); insert into marked select n, 'n' || n from generate_series(1, 100) n;
  create function mark() returns trigger language plpgsql as 'begin new.changes := new.changes + 1; return new; end';
  create trigger mark before update on marked for each row execute function mark();`

describe.each(postgresMajors())('PostgreSQL %i: a drill with damage', (major) => {
  let life: BackupLife
  let path: string
  let before: readonly Record<string, unknown>[]
  const things = (columns: string) => life.rows(`select a, b, ${columns} from things order by b, a`)

  beforeAll(async () => {
    life = await BackupLife.open(major, SQL)
    for (const migration of [lossy, other, marked]) await life.switched(migration)
    before = await things('label')
    path = (await life.backup(lossy)).path
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  test('a backup is a file of its own, and later differences are told from faults', async () => {
    await expect(life.backup(lossy, path)).rejects.toMatchObject({ code: 'EC_BACKUP_EXISTS' })
    const taken = await life.backup(lossy)
    await life.client.query(`update things set label = 'changed' where a = 3; delete from things where a = 5;
      insert into things values (1000, 'b', 'new')`)
    expect((await life.check(lossy, taken)).comparison).toEqual({ same: 398, other: 0, changed: 1, added: 1, gone: 1 })
    await life.client.query(`update things set label = ' y7 ' where a = 7`)
    const checked = await life.check(lossy, taken)
    expect([checked.comparison.other, checked.record.equal]).toEqual([1, false])
    await life.client.query(`update things set label = 'y' || a where a in (3, 7);
      insert into things values (5, 'b2', 'none'); delete from things where a = 1000`)
    expect(await things('label')).toEqual(before)
  })

  test('one that is stopped or fails leaves no file, and records nothing', async () => {
    const { client } = life
    const files = await readdir(life.folder)
    const count = async () => (await life.rows('select count(*)::int as n from expand_contract.backups'))[0]?.n
    const backups = await count()
    const stop = new AbortController()
    const common = { migration: lossy, client, copy: backupCopy(client), files: backupFiles, operator: { who: 'test' } }
    await expect(
      takeBackup({ ...common, path: life.nextPath(), signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toThrow()
    const broken = {
      ...backupFiles,
      async giveName(): Promise<boolean> {
        throw new Error('the disk is gone')
      },
    }
    await expect(takeBackup({ ...common, files: broken, path: life.nextPath() })).rejects.toThrow('the disk is gone')
    expect([await readdir(life.folder), await count()]).toEqual([files, backups])
  })

  test('a restore is refused in every other phase, and hold is while one is unfinished', async () => {
    await expect(
      planRestore({ migration: lossy, client: life.client, files: backupFiles, path }),
    ).rejects.toMatchObject({
      code: 'EC_CONTROL_TRANSITION',
    })
  })

  test('damage is found before anything is changed', async () => {
    await life.stage(lossy, 'contract', 'hold', 'drop')
    const catalog = () =>
      life.rows(`select attname from pg_attribute where attrelid = 'things'::regclass and attnum > 0 order by attnum`)
    const then = await catalog()
    const whole = await readFile(path)
    const text = zstdDecompressSync(whole).toString('utf8')
    const [, header = '', ...rest] = text.split('\n')
    const changed = (more: object): Buffer =>
      zstdCompressSync([text.split('\n')[0], JSON.stringify({ ...JSON.parse(header), ...more }), ...rest].join('\n'))
    const flipped = (at: number): Buffer => {
      const copy = Buffer.from(whole)
      copy[at] = (copy[at] ?? 0) ^ 1
      return copy
    }
    const damaged: readonly Buffer[] = [
      ...[0, 1, 10, Math.floor(whole.length / 2), whole.length - 1].map((length) => whole.subarray(0, length)),
      ...[0, 5, Math.floor(whole.length / 3), whole.length - 2].map(flipped),
      Buffer.concat([whole, Buffer.from('more')]),
      zstdCompressSync(text.slice(0, text.length / 2)),
      zstdCompressSync(text.replace('none', 'nome')),
      zstdCompressSync(text.replace(/\n\\\.\n.*\n$/u, '\n')),
      zstdCompressSync(text.replace(/(\n[^\n]+)\n\\\.\n/u, '\n\\.\n')),
      zstdCompressSync(`${text}more\n`),
      changed({ takenAt: 'later' }),
      zstdCompressSync('something else\n'),
      Buffer.from('no zstd at all'),
    ]
    for (const [index, content] of damaged.entries()) {
      const file = `${path}.damaged-${index}`
      await writeFile(file, content)
      const error = await life.restore(lossy, file).catch((raised: unknown) => raised)
      // What zstd says of its frame, and what stands behind it, is no part of the text: it is not the file that was recorded.
      const code = [4, 6, 8, 9].includes(index) ? 'EC_BACKUP_OTHER' : 'EC_BACKUP_DAMAGED'
      expect([index, Object(error).code]).toEqual([index, code])
    }
    await life.stage(other, 'contract')
    const { path: foreign } = await life.backup(other)
    await expect(life.restore(lossy, foreign)).rejects.toMatchObject({ code: 'EC_BACKUP_OTHER' })
    // Whole in itself, and never recorded: somebody has made it.
    const sum = zstdCompressSync(zstdDecompressSync(whole), { params: {} })
    await writeFile(`${path}.again`, sum)
    await expect(life.restore(lossy, `${path}.again`)).rejects.toMatchObject({ code: 'EC_BACKUP_OTHER' })
    await life.client.query('alter table things add column label int')
    await expect(life.restore(lossy, path)).rejects.toMatchObject({ code: 'EC_COLUMN_IN_USE' })
    await life.client.query('alter table things drop column label; alter table things rename a to renamed')
    await expect(life.restore(lossy, path)).rejects.toMatchObject({ code: 'EC_RESTORE_KEY' })
    await life.client.query('alter table things rename renamed to a; alter table things rename to moved')
    await expect(life.restore(lossy, path)).rejects.toMatchObject({ code: 'EC_TABLE_MISSING' })
    await life.client.query('alter table moved rename to things')
    expect((await catalog()).slice(0, then.length)).toEqual(then)
    expect(await life.phase(lossy)).toBe('dropped')
    expect(await life.rows(`select relname from pg_class where relname like '~restore%'`)).toEqual([])
  })

  test('changed, added, deleted and re-used keys get what the rule says, through two interruptions', async () => {
    await copyFile(path, `${path}.copy`)
    await life.client.query(`update things set tidy = 'new' || a where a % 10 = 0; delete from things where a % 10 = 1;
      insert into things (a, b, tidy) values (1, 'b1', 'again'), (11, 'b2', null), (2000, 'b', 'added');
      update things set note = 'touched' where a % 10 = 2; update things set a = a + 5000 where a % 100 = 3`)
    const expected = async () => {
      const now = await life.rows('select a, b, tidy from things order by b, a')
      const was = new Map(before.map((row) => [`${row.a}/${row.b}`, row.label]))
      const tidied = (label: unknown): unknown => {
        const trimmed = typeof label === 'string' ? label.replace(/^ +| +$/gu, '') : null
        return trimmed === 'none' ? null : trimmed
      }
      return now.map(({ a, b, tidy }) => {
        const label = was.get(`${a}/${b}`)
        const exact = was.has(`${a}/${b}`) && tidied(label) === tidy
        return { a, b, label: exact ? label : tidy }
      })
    }
    const stop = new AbortController()
    expect(
      await life.restore(lossy, path, {
        signal: stop.signal,
        onEvent: ({ type }) => type === 'committed' && stop.abort(),
      }),
    ).toBeUndefined()
    expect(await life.phase(lossy)).toBe('contract')
    const record = await life.record(lossy)
    for (const stage of ['hold', 'rollback'] as const)
      await expect(planStage(life.client, { migration: lossy, stage, record })).rejects.toMatchObject({
        code: 'EC_RESTORE_UNFINISHED',
      })
    // Writers beside it: a row that has nothing yet, one that is changed, one that comes.
    await life.client.query(`update things set note = 'beside' where a = 4; update things set tidy = 'beside' where a = 8;
      insert into things (a, b, tidy) values (3000, 'b', 'beside')`)
    await expect(life.restore(lossy, `${path}.again`)).rejects.toMatchObject({ code: 'EC_RESTORE_UNFINISHED' })
    const again = new AbortController()
    expect(
      await life.restore(lossy, `${path}.copy`, { signal: again.signal, onProgress: () => again.abort() }),
    ).toBeUndefined()
    const restored = await life.restore(lossy, path)
    expect(await things('label')).toEqual(await expected())
    const [{ n } = { n: 0 }] = await life.rows('select count(*)::int as n from things')
    expect(restored).toMatchObject({ rows: n, failed: 0 })
    expect(restored?.exact).toBeGreaterThan(200)
    expect(Number(restored?.exact) + Number(restored?.mapped) + Number(restored?.empty)).toBe(n)
    expect(await life.rows(`select relname from pg_class where relname like '~restore%'`)).toEqual([])
    expect(
      await life.rows(`select proname from pg_proc where proname like '~%restore%' or proname like '~~expand%'`),
    ).toEqual([])
    const events = await life.rows(`select figures from expand_contract.events where kind = 'restored'`)
    expect(events).toEqual([{ figures: expect.objectContaining({ rowsLost: 0, exact: restored?.exact }) }])
    const header = JSON.parse(
      zstdDecompressSync(await readFile(path))
        .toString('utf8')
        .split('\n')[1] ?? '',
    )
    expect(header.definitions).toEqual([
      'CREATE INDEX things_label ON public.things USING btree (label)',
      'ALTER TABLE public.things ADD CONSTRAINT short CHECK ((length(label) < 100))',
    ])
    for (const sql of header.definitions) await life.client.query(sql)
    await life.stage(lossy, 'rollback')
    expect(await life.phase(lossy)).toBe('switch')
  })

  test('a key that changes its type is found by its unique index', async () => {
    await life.db.expand(wide)
    await life.client.query('update accounts set id = id; create unique index on accounts (id8)')
    await expect(life.backup(wide)).rejects.toMatchObject({ code: 'EC_CONTROL_TRANSITION' })
    await life.client.query(`update expand_contract.migrations set phase = 'switch' where id = '${wide.id}'`)
    // While the new column may be NULL, none of its values is known to be there once.
    expect((await life.backup(wide)).summary.header).toMatchObject({
      key: [],
      whole: [{ name: 'name' }, { name: 'id8' }],
    })
    await life.client.query('alter table accounts drop constraint accounts_pkey')
    await life.stage(wide, 'contract')
    const { path: file, record } = await life.backup(wide)
    expect(record).toMatchObject({ equal: true, rows: 200 })
    await life.stage(wide, 'hold', 'drop')
    await life.client.query('insert into accounts (id8) values (5000000000), (300); delete from accounts where id8 = 9')
    expect(await life.restore(wide, file)).toMatchObject({ rows: 201, exact: 199, mapped: 1, empty: 1, gone: 1 })
    expect(await life.rows('select id, id8 from accounts where id8 > 199 order by id8')).toEqual([
      { id: 200, id8: '200' },
      { id: 300, id8: '300' },
      { id: null, id8: '5000000000' },
    ])
  })

  test('no trigger of the application sees it, with and without the replica role', async () => {
    await life.stage(marked, 'contract')
    await life.client.query('update marked set changes = 0')
    const { path: file } = await life.backup(marked)
    await life.stage(marked, 'hold', 'drop')
    const then = await life.rows('select id, title, changes from marked order by id')
    const role = `operator_${major}_${life.db.database.name}`
    await life.client.query(`create role "${role}" login; grant "${role}" to current_user;
      grant all on schema public, expand_contract to "${role}"; grant all on all tables in schema expand_contract to "${role}";
      grant all on all sequences in schema expand_contract to "${role}"; alter table marked owner to "${role}"`)
    const client = await life.db.connect()
    await client.query(`set session authorization "${role}"`)
    expect(await life.restore(marked, file, { client })).toMatchObject({ exact: 100 })
    expect(await life.rows('select id, title, changes from marked order by id')).toEqual(then)
    expect(await life.rows('select from marked where name is distinct from title')).toEqual([])
    await life.client.query(`drop owned by "${role}" cascade; drop role "${role}"`)
  })
})
