import { openControl, readEvents, readMigration } from '@expand-contract/control'
import { changeColumnType, type Migration, quoteIdentifier, quoteTable, renameColumn } from '@expand-contract/core'
import {
  controlHandlers,
  executeActions,
  planStage,
  readSyncTrigger,
  readWayBackLoss,
  runStage,
  type StageName,
  switchReads,
} from '@expand-contract/runner'
import { heldColumnName } from '@expand-contract/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { STAGE_KINDS, type StageKind } from './stage-kinds.ts'

/**
 * All that the catalog knows of a table and what inherits from it, but for the texts of functions; and for the name of a NOT NULL that a partition
 * inherits, which it gets from its parent when it is added again (18).
 */
const CATALOG = `with recursive tree(oid) as (select $1::regclass::oid union select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid)
  select jsonb_build_object(
    'columns', (select jsonb_agg(jsonb_build_array(a.attrelid::regclass, a.attnum, a.attname, a.attnotnull, a.attidentity, format_type(a.atttypid, a.atttypmod),
      pg_get_expr(d.adbin, d.adrelid), a.attisdropped) order by a.attrelid, a.attnum) from tree join pg_attribute a on a.attrelid = tree.oid and a.attnum > 0
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum),
    'constraints', (select jsonb_agg(jsonb_build_array(k.conrelid::regclass, case when k.contype = 'n' and not k.conislocal then 'inherited' else k.conname end,
        pg_get_constraintdef(k.oid), k.convalidated, k.conislocal, k.coninhcount) order by k.conrelid, pg_get_constraintdef(k.oid), k.conname)
      from tree join pg_constraint k on k.conrelid = tree.oid),
    'triggers', (select jsonb_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text order by t.tgrelid, t.tgname) from tree join pg_trigger t on t.tgrelid = tree.oid where not t.tgisinternal),
    'indexes', (select jsonb_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid) from tree join pg_index i on i.indrelid = tree.oid),
    'sequences', (select jsonb_agg(jsonb_build_array(c.relname, d.refobjid::regclass, a.attname, d.deptype, q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcache, q.seqcycle) order by c.relname)
      from tree join pg_depend d on d.refobjid = tree.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i') join pg_class c on c.oid = d.objid and c.relkind = 'S'
      join pg_sequence q on q.seqrelid = c.oid join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid)) as catalog`

const OPERATOR = { who: 'test' }

describe.each(postgresMajors())('PostgreSQL %i: contract, hold, drop and the ways back', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, STAGE_KINDS.map(({ sql }) => sql).join('\n'))
  })
  afterAll(() => db?.close())

  const record = (migration: Migration) => readMigration(openControl(db.client), migration.id)

  async function stage(migration: Migration, name: StageName): Promise<readonly string[]> {
    const now = await record(migration)
    const actions = await planStage(db.client, { migration, stage: name, record: now })
    const waits: string[] = []
    await runStage(db.client, migration, {
      ...{ actions, operation: name },
      handlers: {
        ...controlHandlers({ migration, record: now, operator: OPERATOR }),
        wait: async ({ until }) => void waits.push(until),
      },
    })
    return waits
  }

  /** `expand`, filled, and `switch`. */
  async function switched({ migration }: Pick<StageKind, 'migration'>): Promise<void> {
    await db.expand(migration)
    await db.client.query(`update ${quoteTable(migration.table)} set id = id`)
    const actions = switchReads.plan(migration, await db.facts(migration), {})
    await executeActions(db.client, actions, {
      operation: 'switch',
      handlers: {
        ...controlHandlers({ migration, record: await record(migration), operator: OPERATOR }),
        wait: async () => undefined,
      },
    })
  }

  describe.each(STAGE_KINDS)('$name', (kind) => {
    const { migration, values, byDefault, notNull } = kind
    const table = quoteTable(migration.table)
    const names = (side: 'old' | 'new', held = false): string =>
      migration[side].map(({ name }) => quoteIdentifier(held ? heldColumnName(name) : name)).join(', ')
    const catalog = async () => (await db.rows(CATALOG, [table]))[0]?.catalog
    const rowOf = async (id: number, held = false) =>
      (await db.rows(`select ${names('old', held)}, ${names('new')} from ${table} where id = ${id}`))[0]
    const phase = async () => (await record(migration))?.phase
    const trigger = async () => (await readSyncTrigger(db.client, migration))?.phase
    /** What the columns must be where both are written as `values` says. */
    const expected = async (old: string, added: string, held = false) => {
      const [row] = await db.rows(
        `select ${[...migration.old, ...migration.new].map((_, index) => `x.c${index}`).join(', ')} from (values (${old}, ${added})) x(${[...migration.old, ...migration.new].map((_, index) => `c${index}`).join(', ')})`,
      )
      return Object.fromEntries(
        [
          ...migration.old.map(({ name }) => (held ? heldColumnName(name) : name)),
          ...migration.new.map(({ name }) => name),
        ].map((name, index) => [
          name,
          expect.toSatisfy(
            (value: unknown) =>
              Number(value) === Number(row?.[`c${index}`]) || String(value) === String(row?.[`c${index}`]),
          ),
        ]),
      )
    }

    test('the whole way, and back from each step with the catalogs as before', async () => {
      await switched(kind)
      const before = await catalog()

      expect(await stage(migration, 'contract')).toEqual([])
      expect([await phase(), await trigger()]).toEqual(['contract', 'contract'])
      const columns = await db.rows(
        `select attname, attnotnull from pg_attribute where attrelid = $1::regclass and attname = any($2)`,
        [table, [...migration.old, ...migration.new].map(({ name }) => name)],
      )
      expect(columns).toEqual(
        expect.arrayContaining([
          ...migration.old.map(({ name }) => ({ attname: name, attnotnull: false })),
          ...migration.new.map(({ name }) => ({ attname: name, attnotnull: notNull })),
        ]),
      )
      const write = async (from: number, held = false) => {
        let id = from
        for (const [old, added] of values) {
          await db.client.query(`insert into ${table} (id, ${names('new')}) values (${++id}, ${added})`)
          expect(await rowOf(id, held)).toEqual(await expected(old, added, held))
          if (held) continue
          await db.client.query(`insert into ${table} (id, ${names('old')}) values (${++id}, ${old})`)
          expect(await rowOf(id, held)).toEqual(await expected(old, added))
        }
        await db.client
          .query(
            `insert into ${table} (id) values (${++id})${byDefault === undefined ? ' on conflict do nothing' : ''}`,
          )
          .catch((error: unknown) => {
            if (byDefault !== undefined) throw error
          })
        if (byDefault !== undefined)
          expect(
            (
              await db.rows(
                `select (${names('new')})::text = (${byDefault})::text as same from ${table} where id = ${id}`,
              )
            )[0],
          ).toEqual({ same: true })
      }
      const contracted = await catalog()
      await write(110)

      expect(await stage(migration, 'hold')).toEqual(['acknowledged', 'replayed', 'leases-ended'])
      expect([await phase(), await trigger()]).toEqual(['hold', 'hold'])
      await expect(db.client.query(`select ${names('old')} from ${table}`)).rejects.toMatchObject({ code: '42703' })
      await write(120, true)
      expect(await stage(migration, 'unhold')).toEqual([])
      expect(await catalog()).toEqual(contracted)
      await write(130)
      await stage(migration, 'hold')
      await stage(migration, 'rollback')
      expect([await phase(), await trigger(), await catalog()]).toEqual(['contract', 'contract', contracted])

      await stage(migration, 'rollback')
      expect([await phase(), await trigger()]).toEqual(['switch', 'switch'])
      expect(await catalog()).toEqual(before)
      // The old column counts again, with its default.
      const [[old, added] = ['', '']] = values
      await db.client.query(`insert into ${table} (id, ${names('old')}) values (141, ${old})`)
      await db.client.query(`insert into ${table} (id, ${names('new')}) values (142, ${added})`)
      for (const id of [141, 142]) expect(await rowOf(id)).toEqual(await expected(old, added))

      await stage(migration, 'contract')
      expect(await catalog()).toEqual(contracted)
      await stage(migration, 'hold')
      const rows = await db.rows(`select id, ${names('new')} from ${table} order by id`)
      expect(await stage(migration, 'drop')).toEqual(['acknowledged', 'replayed', 'leases-ended'])
      expect(await phase()).toBe('dropped')
      expect(await db.rows(`select id, ${names('new')} from ${table} order by id`)).toEqual(rows)
      const left = await db.rows(
        `select 1 from pg_attribute where attrelid = $1::regclass and attname = any($2) union all
         select 1 from pg_trigger where tgrelid = $1::regclass and not tgisinternal`,
        [table, migration.old.flatMap(({ name }) => [name, heldColumnName(name)])],
      )
      expect(left).toEqual([])
      await db.client.query(`insert into ${table} (id, ${names('new')}) values (161, ${added})`)
      await expect(stage(migration, 'rollback')).rejects.toMatchObject({
        code: 'EC_DROPPED',
        hint: expect.stringContaining('restore'),
      })
      const events = await readEvents(openControl(db.client), { migration: migration.id, kind: 'phase' })
      expect(events.map(({ figures }) => figures.to)).toEqual([
        ...[
          'expand',
          'switch',
          'contract',
          'hold',
          'contract',
          'hold',
          'contract',
          'switch',
          'contract',
          'hold',
          'dropped',
        ],
      ])
    })
  })

  test('rows that have no way back keep the phase, are named, and leave no check behind', async () => {
    const migration = changeColumnType({
      ...{ table: 'lossy', from: 'nr', to: 'code', fromType: 'int', type: 'text' },
      ...{ forward: 'nr::text', backward: "case when code ~ '^[0-9]+$' then code::int end" },
    })
    await db.client.query('create table lossy (id int primary key, nr int not null); insert into lossy values (1, 7)')
    await switched({ migration })
    await stage(migration, 'contract')
    await db.client.query("insert into lossy (id, code) values (2, 'A7')")
    expect(await readWayBackLoss(db.client, await db.shape(migration))).toBe(1)
    await expect(stage(migration, 'rollback')).rejects.toMatchObject({ code: 'EC_NOT_NULL_LOST' })
    await db.client.query("insert into lossy (id, code) values (3, 'B7')")
    expect((await record(migration))?.phase).toBe('contract')
    await db.client.query("update lossy set code = '8' where id > 1")
    await stage(migration, 'rollback')
    expect(await db.rows('select * from lossy order by id')).toEqual([
      { id: 1, nr: 7, code: '7' },
      { id: 2, nr: 8, code: '8' },
      { id: 3, nr: 8, code: '8' },
    ])
    await expect(db.client.query('insert into lossy values (4)')).rejects.toMatchObject({ code: '23502' })
  })

  test('a step that ends behind any of its transactions goes on when it is run again', async () => {
    const migration = renameColumn({ table: 'again', from: 'name', to: 'full_name', type: 'text' })
    await db.client.query(
      "create table again (id int primary key, name text not null default 'x'); insert into again values (1)",
    )
    await switched({ migration })
    const catalog = async () => (await db.rows(CATALOG, ['again']))[0]?.catalog
    const before = await catalog()
    /** Ends behind the first commit; true where that was the last one. */
    async function oneTransaction(name: StageName): Promise<string | undefined> {
      const now = await record(migration)
      const actions = await planStage(db.client, { migration, stage: name, record: now })
      const stop = new AbortController()
      await runStage(db.client, migration, {
        ...{ actions, operation: name, signal: stop.signal },
        onEvent: (event) => event.type === 'committed' && stop.abort(),
        handlers: { ...controlHandlers({ migration, record: now, operator: OPERATOR }), wait: async () => undefined },
      }).catch((error: unknown) => expect(error).toMatchObject({ name: 'AbortError' }))
      await db.client.query('insert into again (id) select max(id) + 1 from again')
      return (await record(migration))?.phase
    }
    const seen: (string | undefined)[] = []
    for (const name of ['contract', 'contract', 'contract', 'rollback', 'rollback', 'rollback'] as const)
      seen.push(await oneTransaction(name))
    expect(seen).toEqual(['switch', 'switch', 'contract', 'contract', 'contract', 'switch'])
    expect(await catalog()).toEqual(before)
    expect(await db.rows('select count(*)::int as n from again where name is distinct from full_name')).toEqual([
      { n: 0 },
    ])
  })
})
