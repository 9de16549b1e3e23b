import { openControl } from '@expand-contract/control'
import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import { readContractGates, readDropGates, readParity } from '@expand-contract/runner'
import { afterEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { runStageOf, toSwitch } from './run-stages.ts'

describe.each(postgresMajors())('PostgreSQL %i: what one column alone can have', (major) => {
  let db: ExpandedDatabase
  const open = async (sql: string): Promise<void> => {
    db = await ExpandedDatabase.open(major, sql)
  }
  afterEach(() => db.close())

  const dependents = async (migration: Migration, of: 'contract' | 'drop') => {
    const facts = { control: openControl(db.client), client: db.client, migration }
    const gates = of === 'contract' ? await readContractGates(facts) : await readDropGates(facts)
    return gates.find(({ id }) => id === 'dependents')
  }
  const row = async (sql: string): Promise<Readonly<Record<string, unknown>> | undefined> => (await db.rows(sql))[0]
  const sequence = (name: string, table: string) =>
    row(`select (select a.attname from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where d.objid = s.seqrelid and d.refobjid = '${table}'::regclass and d.deptype in ('a', 'i')) as owner, s.seqtypid::regtype::text as type,
        s.seqmax::text as max, obj_description(s.seqrelid) as comment, has_sequence_privilege('${role()}', s.seqrelid, 'usage') as granted
      from pg_sequence s where s.seqrelid = '${name}'::regclass`)
  const role = (): string => `keys_${db.database.name}`

  test('the key of a serial: sequence, default, the key, its comment, replica identity and CLUSTER mark move at contract', async () => {
    const keys = `create table things (id serial primary key, note text); alter table things replica identity using index things_pkey;
      cluster things using things_pkey; comment on constraint things_pkey on things is 'the key';
      insert into things (note) select 'n' from generate_series(1, 30);`
    await open(keys)
    await db.client.query(`create role ${role()}; grant usage on sequence things_id_seq to ${role()}`)
    const migration = changeColumnType({ table: 'things', from: 'id', to: 'id8', fromType: 'int', type: 'bigint' })
    await toSwitch(db, migration)
    expect((await readParity(db.client, migration)).later).toEqual([
      ...['default of id on things', 'sequence things_id_seq of id on things'].map((what) => ({
        what,
        by: 'contract',
      })),
      ...['CLUSTER mark of things_pkey', 'replica identity by things_pkey', 'primary key things_pkey'].map((what) => ({
        ...{ what, by: 'contract' },
      })),
    ])
    expect(await dependents(migration, 'contract')).toMatchObject({ ok: true })
    const before = { owner: 'id', type: 'integer', max: '2147483647', comment: null, granted: true }
    expect(await sequence('things_id_seq', 'things')).toEqual(before)
    const after = { ...before, owner: 'id8', type: 'bigint', max: '9223372036854775807' }
    await runStageOf(db, migration, 'contract')
    expect(await sequence('things_id_seq', 'things')).toEqual(after)
    await db.client.query("insert into things (note) values ('by default')")
    await runStageOf(db, migration, 'rollback')
    expect(await sequence('things_id_seq', 'things')).toEqual(before)
    expect(await row('insert into things default values returning id, id8')).toEqual({ id: 32, id8: '32' })
    await runStageOf(db, migration, 'contract')
    await runStageOf(db, migration, 'hold')
    expect(await dependents(migration, 'drop')).toMatchObject({ ok: true })
    await runStageOf(db, migration, 'drop')
    expect(await sequence('things_id_seq', 'things')).toEqual(after)
    expect(
      await row(`select pg_get_serial_sequence('things', 'id8') as serial, (select pg_get_constraintdef(oid) || ' ' || obj_description(oid)
          from pg_constraint where conname = 'things_pkey') as key, (select relreplident from pg_class where relname = 'things') as replica,
        (select string_agg(concat_ws(' ', indexrelid::regclass, indisprimary, indisreplident, indisclustered), ',') from pg_index where indrelid = 'things'::regclass) as indexes`),
    ).toEqual({
      ...{
        serial: 'public.things_id_seq',
        key: 'PRIMARY KEY (id8) the key',
        replica: 'i',
        indexes: 'things_pkey t t t',
      },
    })
    expect(await row("insert into things (note) values ('next') returning id8")).toEqual({ id8: '33' })
    await db.client.query("select setval('things_id_seq', 3000000000)")
    expect(await row("insert into things (note) values ('far') returning id8")).toEqual({ id8: '3000000001' })
    await db.client.query(`drop owned by ${role()}; drop role ${role()}`)
  })

  test('an identity keeps its grants, its comment and its place; one that has gone too far stays wide on the way back', async () => {
    await open(`create table items (id int generated always as identity, nr serial); insert into items default values;
      comment on sequence items_id_seq is 'numbers'`)
    await db.client.query(`create role ${role()}; grant usage on sequence items_id_seq, items_nr_seq to ${role()}`)
    const [id, nr] = ['id', 'nr'].map((from) =>
      changeColumnType({ table: 'items', from, to: `${from}8`, fromType: 'int', type: 'bigint' }),
    ) as [Migration, Migration]
    await toSwitch(db, id)
    expect((await readParity(db.client, id)).later).toEqual([{ what: 'identity of id on items', by: 'contract' }])
    await runStageOf(db, id, 'contract')
    const after = { owner: 'id8', type: 'bigint', max: '9223372036854775807', comment: 'numbers', granted: true }
    expect(await sequence('items_id_seq', 'items')).toEqual(after)
    await runStageOf(db, id, 'rollback')
    expect(await sequence('items_id_seq', 'items')).toEqual({
      ...{ ...after, owner: 'id', type: 'integer', max: '2147483647' },
    })
    await runStageOf(db, id, 'contract')
    await runStageOf(db, id, 'hold')
    await runStageOf(db, id, 'drop')
    expect(await sequence('items_id_seq', 'items')).toEqual(after)
    expect(await row('insert into items default values returning id8')).toEqual({ id8: '2' })

    await toSwitch(db, nr)
    await runStageOf(db, nr, 'contract')
    await db.client.query("select setval('items_nr_seq', 3000000000)")
    await runStageOf(db, nr, 'rollback')
    expect(await sequence('items_nr_seq', 'items')).toMatchObject({ owner: 'nr', type: 'bigint', granted: true })
    await db.client.query(`drop owned by ${role()}; drop role ${role()}`)
  })

  test('a replica identity by a unique index, and a CLUSTER mark: they keep their column NOT NULL until the drop moves them', async () => {
    await open(`create table users (id int primary key, name text not null); create unique index users_name_idx on users (name);
      create index users_order on users (name desc); alter table users replica identity using index users_name_idx; cluster users using users_order;
      create table parts (id int, part int, primary key (id, part)) partition by list (part); create table parts_1 partition of parts for values in (1);
      insert into users select g, 'n' || g from generate_series(1, 20) g; insert into parts select g, 1 from generate_series(1, 20) g`)
    const migration = renameColumn({ table: 'users', from: 'name', to: 'label' })
    await toSwitch(db, migration)
    expect(await dependents(migration, 'contract')).toMatchObject({ ok: true })
    await runStageOf(db, migration, 'contract')
    await runStageOf(db, migration, 'rollback')
    await runStageOf(db, migration, 'contract')
    await runStageOf(db, migration, 'hold')
    expect(await dependents(migration, 'drop')).toMatchObject({ ok: true })
    await runStageOf(db, migration, 'drop')
    expect(
      await row(`select string_agg(concat_ws(' ', indexrelid::regclass, indisreplident, indisclustered), ', ' order by indexrelid::regclass::text) as indexes
        from pg_index where indrelid = 'users'::regclass and not indisprimary`),
    ).toEqual({ indexes: 'users_label_idx t f, users_order_label f t' })
    const parted = renameColumn({ table: 'parts', from: 'id', to: 'nr' })
    await toSwitch(db, parted)
    const { forPeople, later } = await readParity(db.client, parted)
    expect([later, forPeople]).toEqual([[{ what: 'primary key parts_pkey', by: 'contract' }], []])
    expect(await dependents(parted, 'contract')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('contract leads primary key parts_pkey ON public.parts to the new one'),
    })
  })
})
