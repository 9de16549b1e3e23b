import { type Migration, renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'
import { loaderOf } from './load-catalog.ts'
import { RICH_SCHEMA } from './rich-schema.ts'

const ID: Migration = renameColumn({ table: 'crm.users', from: 'name', to: 'full_name' })

describe.each(postgresMajors())('PostgreSQL %i: what is read of the catalog', (major) => {
  const database = databaseForTests(major, RICH_SCHEMA)
  const load = loaderOf(database)

  test('columns, with their types in every form', async () => {
    const { facts } = await load([ID])
    const users = facts('crm', 'users')
    expect(users).toMatchObject({ schema: 'crm', name: 'users', kind: 'table', dropped: [2], parents: [], viewOf: [] })
    const types = users?.columns.map(({ name, position, type }) => [
      name,
      position,
      type.declared,
      type.bare,
      type.base,
      type.modifier,
      type.collation,
      type.defaultCollation,
    ])
    const plain = '"pg_catalog"."default"'
    expect(types).toEqual([
      ['id', 1, 'integer', '"pg_catalog"."int4"', 'pg_catalog.int4', -1, undefined, true],
      [
        'name',
        3,
        'character varying(100)',
        '"pg_catalog"."varchar"',
        'pg_catalog.varchar',
        104,
        '"pg_catalog"."C"',
        false,
      ],
      ['amount', 4, 'numeric(12,2)', '"pg_catalog"."numeric"', 'pg_catalog.numeric', 786438, undefined, true],
      ['tags', 5, 'text[]', '"pg_catalog"."_text"', 'pg_catalog._text', -1, plain, true],
      ['kind', 6, 'crm."Kind"', '"crm"."Kind"', 'crm.Kind', -1, undefined, true],
      ['label', 7, 'crm.tag', '"crm"."tag"', 'pg_catalog.varchar', -1, plain, true],
      ['code', 8, 'character(3)', '"pg_catalog"."bpchar"', 'pg_catalog.bpchar', 7, plain, true],
      [
        'at',
        9,
        'timestamp(3) with time zone',
        '"pg_catalog"."timestamptz"',
        'pg_catalog.timestamptz',
        3,
        undefined,
        true,
      ],
      ['Odd "name"', 10, 'bit(4)', '"pg_catalog"."bit"', 'pg_catalog.bit', 4, undefined, true],
      ['shouted', 11, 'text', '"pg_catalog"."text"', 'pg_catalog.text', -1, plain, true],
      ['serial_id', 12, 'integer', '"pg_catalog"."int4"', 'pg_catalog.int4', -1, undefined, true],
      ['counter', 13, 'bigint', '"pg_catalog"."int8"', 'pg_catalog.int8', -1, undefined, true],
    ])
  })

  test('types and defaults can be written as they are', async () => {
    const { facts } = await load([ID])
    for (const { name, type, default: expression, identity } of facts('crm', 'users')?.columns ?? []) {
      const [declared, bare] = [`null::${type.declared} as a`, `null::${type.bare} as b`]
      const { fields } = await database.client.query(
        `select ${declared}, ${bare}${expression ? `, ${expression} as c` : ''}`,
      )
      expect(fields[0]?.dataTypeID, name).toBe(fields[1]?.dataTypeID)
      if (identity) await database.client.query(`select ${identity.next}`)
    }
  })

  test('defaults, NOT NULL, identity and generated columns', async () => {
    const { facts } = await load([ID])
    const columns = new Map(facts('crm', 'users')?.columns.map((column) => [column.name, column]))
    const next = (sequence: string) => `pg_catalog.nextval('${sequence}'::pg_catalog.regclass)`
    expect(columns.get('id')).toMatchObject({
      notNull: true,
      identity: { always: true, next: next('crm.users_id_seq') },
    })
    expect(columns.get('counter')?.identity).toEqual({ always: false, next: next('crm.users_counter_seq') })
    expect(columns.get('name')).toMatchObject({ notNull: true, default: "'x'::character varying", identity: undefined })
    expect(columns.get('shouted')).toMatchObject({ generated: true, default: undefined })
    expect(columns.get('serial_id')).toMatchObject({
      generated: false,
      default: "nextval('crm.users_serial_id_seq'::regclass)",
      identity: undefined,
    })
    expect(columns.get('amount')).toMatchObject({ notNull: false, default: undefined })
    expect(columns.get('label')).toMatchObject({ default: "'none'::character varying" })
  })

  test('unique keys and indexes', async () => {
    const { facts } = await load([ID])
    expect(facts('crm', 'users')?.uniqueKeys).toEqual([
      { name: 'users_label_idx', primary: false, partial: true, columns: ['label'] },
      { name: 'users_lower_idx', primary: false, partial: false, columns: [] },
      { name: 'users_name_code_key', primary: false, partial: false, columns: ['name', 'code'] },
      { name: 'users_pkey', primary: true, partial: false, columns: ['id'] },
    ])
  })

  test('triggers that run before a row is stored, and what they may reach', async () => {
    const { facts } = await load([ID])
    const users = facts('crm', 'users')
    const all = users?.columns.map(({ name }) => name)
    expect(users?.syncTriggers).toEqual(['~expand_contract_sync_1'])
    expect(users?.triggers).toEqual([
      { name: 'a_lower', mentions: ['name'] },
      { name: 'b_argument', mentions: ['code'] },
      { name: 'c_dynamic', mentions: all },
    ])
    const partition = await load([ID], [[undefined, 'events_2020']])
    expect(partition.facts(undefined, 'events_2020')?.triggers).toEqual([{ name: 't_events', mentions: ['body'] }])
  })

  test('triggers of partitions and children count for what they are below, and so do rules of the table itself', async () => {
    const family = await load([
      renameColumn({ table: 'events', from: 'body', to: 'text' }),
      renameColumn({ table: 'notes', from: 'body', to: 'text' }),
    ])
    expect(family.facts(undefined, 'events')?.triggers).toEqual([
      { name: 'p_deep', mentions: ['body'] },
      { name: 't_events', mentions: ['body'] },
    ])
    const notes = family.facts(undefined, 'notes')
    expect(notes?.triggers).toEqual([
      { name: 'kept_long', mentions: ['body'] },
      { name: 'n_child', mentions: ['body'] },
    ])
    expect(notes?.syncTriggers).toEqual([])
  })

  test('names that touch a migrating table besides its own', async () => {
    const events = renameColumn({ table: 'events', from: 'body', to: 'text' })
    const notes = renameColumn({ table: 'notes', from: 'body', to: 'text' })
    const { input } = await load([ID, events, notes])
    expect(input.aliases).toEqual([
      'events',
      'events_2020',
      'events_2021',
      'events_2021_a',
      'frozen',
      'named',
      'notes',
      'notes_child',
      'people',
      'users',
    ])
  })

  test('partitions and views know what is above and under them', async () => {
    const { facts } = await load(
      [renameColumn({ table: 'events', from: 'body', to: 'text' })],
      [
        ['Odd "schema"', 'events_2021_a'],
        [undefined, 'named'],
        ['crm', 'people'],
        ['crm', 'users'],
        ['crm', 'frozen'],
        ['Odd "schema"', 'events_2021'],
      ],
    )
    const oid = (schema: string | undefined, name: string) => facts(schema, name)?.oid
    expect(facts('Odd "schema"', 'events_2021_a')?.parents).toEqual(
      [oid(undefined, 'events'), oid('Odd "schema"', 'events_2021')].sort(),
    )
    const users = (...columns: string[]) => ({ kind: 'view', viewOf: [{ oid: oid('crm', 'users'), columns }] })
    expect(facts(undefined, 'named')).toMatchObject(users('id', 'name'))
    expect(facts('crm', 'people')).toMatchObject(users('id', 'name'))
    expect(facts('crm', 'frozen')).toMatchObject(users('name'))
    if (major >= 17)
      expect(facts('Odd "schema"', 'events_2021_a')?.columns[0]?.identity?.next).toContain('events_id_seq')
  })

  test('names are resolved as PostgreSQL does, and what does not exist is known not to', async () => {
    const { facts, snapshot } = await load(
      [ID],
      [
        [undefined, 'users'],
        [undefined, 'nowhere'],
        ['nowhere', 'users'],
        ['pg_catalog', 'pg_class'],
        [undefined, 'pg_class'],
        ['pg_temp', 'x'],
      ],
    )
    expect(facts(undefined, 'users')).toBeNull()
    expect(facts(undefined, 'nowhere')).toBeNull()
    expect(facts('nowhere', 'users')).toBeNull()
    expect(facts('pg_temp', 'x')).toBeNull()
    expect(facts(undefined, 'pg_class')?.oid).toBe(facts('pg_catalog', 'pg_class')?.oid)
    expect(snapshot.catalog.relation(undefined, 'never asked')).toBeUndefined()
    expect(snapshot.path).toBe('["pg_catalog","public"]')
  })

  test('nothing of it waits for a table that somebody has locked', async () => {
    const names = [
      ['Odd "schema"', 'events_2021_a'],
      [undefined, 'named'],
      ['crm', 'people'],
      ['crm', 'frozen'],
    ] as const
    const { snapshot } = await load([ID], names)
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    try {
      await other.query('begin')
      const { rows } = await other.query(
        "select oid::regclass as name from pg_class where relkind in ('r', 'p') and oid >= 16384",
      )
      for (const { name } of rows) await other.query(`lock table ${name} in access exclusive mode`)
      await database.client.query("set lock_timeout = '1ms'")
      const locked = await load([ID], names)
      expect(locked.snapshot.digest).toBe(snapshot.digest)
      expect(await locked.renew()).toBe(false)
    } finally {
      await other.end()
      await database.client.query('reset lock_timeout')
    }
  })

  test('a schema that may not be used hides nothing and fails nothing', async () => {
    await database.client.query(`create role outsider_${database.name}; set role outsider_${database.name}`)
    const { facts } = await load([ID])
    expect(facts('crm', 'users')?.columns.length).toBe(12)
    await database.client.query(`reset role; drop role outsider_${database.name}`)
  })
})
