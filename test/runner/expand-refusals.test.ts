import { changeColumnType, defineMigration, type Migration, renameColumn } from '@expand-contract/core'
import { type Confirmation, expand, readFacts } from '@expand-contract/runner'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

interface Refused {
  readonly code: string
  readonly sql: string
  readonly migration?: Migration
  readonly says?: string
  /** What makes it acceptable. */
  readonly confirmed?: Confirmation
  readonly since?: number
}

const RENAME = renameColumn({ table: 't', from: 'a', to: 'b' })
const TABLE = 'create table t (id int, a text);'

const REFUSED: Readonly<Record<string, Refused>> = {
  'a table that is not there': { code: 'EC_TABLE_MISSING', sql: '' },
  'a view': { code: 'EC_TABLE_MISSING', sql: 'create view t as select 1 as a' },
  'an old column that is not there': {
    code: 'EC_COLUMN_MISSING',
    sql: 'create table t (id int)',
    says: 'has no column "a"',
  },
  'a new column of another type': { code: 'EC_COLUMN_TYPE', sql: `${TABLE} alter table t add b int` },
  'a new column of another length': {
    code: 'EC_COLUMN_TYPE',
    sql: `${TABLE} alter table t add b varchar(20)`,
    migration: changeColumnType({ table: 't', from: 'a', fromType: 'text', to: 'b', type: 'varchar(10)' }),
    says: 'is character varying(20), and the migration t.b declares it as character varying(10)',
  },
  'a new column of another collation': { code: 'EC_COLUMN_TYPE', sql: `${TABLE} alter table t add b text collate "C"` },
  'an old column of another type than declared': {
    code: 'EC_COLUMN_TYPE',
    sql: TABLE,
    migration: changeColumnType({ table: 't', from: 'a', fromType: 'int4', to: 'b', type: 'int8' }),
  },
  'a type that is not there': {
    code: 'EC_NO_TYPE',
    sql: TABLE,
    migration: changeColumnType({ table: 't', from: 'a', fromType: 'text', to: 'b', type: 'moood' }),
  },
  'a length that the type cannot have': {
    code: 'EC_NO_TYPE',
    sql: TABLE,
    migration: changeColumnType({ table: 't', from: 'a', fromType: 'text', to: 'b', type: 'numeric(9999)' }),
  },
  'a type that nothing tells': {
    code: 'EC_NO_TYPE',
    sql: TABLE,
    migration: defineMigration({
      table: 't',
      old: { a: 'text' },
      new: { b: undefined },
      forward: { b: 'lower(a)' },
      backward: { a: 'b' },
    }),
  },
  'a column that PostgreSQL computes': {
    code: 'EC_GENERATED_COLUMN',
    sql: 'create table t (id int, a text generated always as (id::text) stored)',
  },
  'an old column in the partition key': {
    code: 'EC_PARTITION_KEY',
    sql: 'create table t (id int, a text) partition by list (a)',
  },
  'an old column in an expression of the partition key': {
    code: 'EC_PARTITION_KEY',
    sql: 'create table t (id int, a text) partition by list (lower(a))',
  },
  'an old column in the key of a partition below': {
    code: 'EC_PARTITION_KEY',
    sql: `create table t (id int, a text) partition by list (id); create table t_1 partition of t for values in (1) partition by list (a)`,
  },
  'a partition': {
    code: 'EC_NOT_ROOT',
    sql: 'create table p (id int, a text) partition by list (id); create table t partition of p for values in (1)',
  },
  'a column from a parent': {
    code: 'EC_NOT_ROOT',
    sql: 'create table p (id int, a text); create table t () inherits (p)',
  },
  'a new column with a default': { code: 'EC_NEW_DEFAULT', sql: `${TABLE} alter table t add b text default 'x'` },
  'a new column that is NOT NULL': { code: 'EC_NEW_DEFAULT', sql: `${TABLE} alter table t add b text not null` },
  'a table with 1,600 columns': {
    code: 'EC_TOO_MANY_COLUMNS',
    sql: `${TABLE} do $$ begin for n in 3..1600 loop execute format('alter table t add c%s bool', n); end loop; end $$`,
    says: '1600 columns, dropped ones included',
  },
  'PEERS 15: a table that is published': {
    code: 'EC_PUBLICATION',
    sql: `${TABLE} create publication p for table t`,
    confirmed: 'publication',
  },
  'a table that is published with all others': {
    code: 'EC_PUBLICATION',
    sql: `${TABLE} create publication p for all tables`,
    confirmed: 'publication',
  },
  'a table that is published with its schema': {
    ...{
      code: 'EC_PUBLICATION',
      sql: `${TABLE} create publication p for tables in schema public`,
      confirmed: 'publication' as const,
    },
    since: 15,
  },
  'a type that would have the table written anew': {
    code: 'EC_REWRITE',
    sql: `create domain checked as text check (value <> ''); create table t (id int, a checked); insert into t values (1, 'x'); analyze t`,
    confirmed: 'rewrite',
  },
  'a mapping with a function of another schema': {
    code: 'EC_MAPPING_FAILS',
    sql: `${TABLE} create schema crm; create function crm.tidy(text) returns text immutable language sql as 'select $1'; set local search_path = public, crm`,
    migration: changeColumnType({
      table: 't',
      from: 'a',
      to: 'b',
      type: 'text',
      fromType: 'text',
      forward: 'tidy(a)',
      backward: 'b',
    }),
    says: 'There the search path is pg_catalog, public, pg_temp',
  },
}

const ACCEPTED: Readonly<Record<string, string>> = {
  'a table that is published with a list of columns': `${TABLE} create publication p for table t (id, a)`,
  'an empty table of a checked domain': `create domain checked as text check (value <> ''); create table t (id int, a checked); vacuum t`,
}

describe.each(postgresMajors())('PostgreSQL %i: expand refuses', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, '')
  })
  afterAll(() => db.close())

  const within = async <T>(
    sql: string,
    work: (facts: Awaited<ReturnType<typeof readFacts>>) => T,
    migration = RENAME,
  ): Promise<T> => {
    const fresh = await ExpandedDatabase.open(major, '')
    try {
      // A search path that is set within is one of the session, since facts are read in a transaction of their own.
      await fresh.client.query(sql.replace('set local', 'set'))
      return work(await fresh.facts(migration))
    } finally {
      await fresh.close()
    }
  }

  const refused = Object.entries(REFUSED).filter(([, { since = 14 }]) => since <= major)
  test.each(refused)('%s', async (_, { code, sql, migration = RENAME, says, confirmed }) => {
    const error = await within(
      sql,
      (facts) => {
        if (confirmed) expect(expand.plan(migration, facts, { confirmed: [confirmed] }).length).toBeGreaterThan(3)
        expand.plan(migration, facts, {})
      },
      migration,
    ).catch((raised: unknown) => raised)
    expect(error).toMatchObject({ code, migration: migration.id, hint: expect.any(String) })
    if (says) expect(String(error)).toContain(says)
  })

  test.each(Object.entries(ACCEPTED).filter(([, sql]) => major >= 15 || !sql.includes('publication')))(
    'not %s',
    async (_, sql) => {
      const statements = sql.split(';')
      const fresh = await ExpandedDatabase.open(major, '')
      for (const statement of statements) await fresh.client.query(statement)
      expect(expand.plan(RENAME, await fresh.facts(RENAME), {}).length).toBeGreaterThan(3)
      await fresh.close()
    },
  )

  test('a role that does not own the table, or may not create in the control schema; a database without one', async () => {
    const role = `ec_guest_${major}`
    await db.client.query(`create table t (id int, a text); create role ${role} login; grant all on t to ${role}`)
    const guest = new pg.Client({ connectionString: db.database.url.replace('postgres@', `${role}@`) })
    await guest.connect()
    const refusal = async (schema = 'expand_contract') => {
      const facts = await readFacts(guest, RENAME, { controlSchema: schema })
      try {
        expand.plan(RENAME, facts, {})
        return undefined
      } catch (error) {
        return error
      }
    }
    expect(await refusal('nowhere')).toMatchObject({ code: 'EC_CONTROL_MISSING' })
    expect(await refusal()).toMatchObject({
      code: 'EC_PRIVILEGE',
      message: expect.stringContaining('may not create anything'),
    })
    await db.client.query(`grant usage, create on schema expand_contract to ${role}`)
    expect(await refusal()).toMatchObject({
      code: 'EC_PRIVILEGE',
      message: expect.stringContaining('does not own "public.t"'),
    })
    await db.client.query(`alter table t owner to ${role}`)
    expect(await refusal()).toBeUndefined()
    await guest.end()
    await db.client.query(`drop owned by ${role}; drop role ${role}`)
  })

  test('a migration that is behind expand, and a rollback out of contract', async () => {
    await db.client.query('create table t (id int, a text)')
    const facts = await db.facts(RENAME)
    for (const phase of ['switch', 'contract'] as const)
      expect(() => expand.plan(RENAME, facts, { phase })).toThrow('EC_CONTROL_TRANSITION')
    await db.client.query('drop table t')
  })
})
