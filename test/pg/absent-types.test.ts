import { changeColumnType, defineMigration, mergeColumns, renameColumn, splitColumn } from '@expand-contract/core'
import { describe, expect, test } from 'vitest'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'
import { loaderOf } from './load-catalog.ts'
import { RICH_SCHEMA } from './rich-schema.ts'

describe.each(postgresMajors())('PostgreSQL %i: the types of columns that do not exist', (major) => {
  const database = databaseForTests(major, RICH_SCHEMA)
  const load = loaderOf(database)

  test('as declared, as copied, or as the mapping yields them', async () => {
    const { input } = await load([
      renameColumn({ id: 'copied', table: 'crm.users', from: 'amount', to: 'total' }),
      renameColumn({ id: 'declared', table: 'crm.users', from: 'kind', to: 'sort', type: 'crm."Kind"' }),
      changeColumnType({
        id: 'precise',
        table: 'crm.users',
        from: 'code',
        to: 'code_text',
        type: 'varchar(12)',
        fromType: 'char(3)',
      }),
      changeColumnType({
        id: 'domain',
        table: 'crm.users',
        from: 'tags',
        to: 'tags_new',
        type: 'crm.tag',
        backward: 'array[tags_new::text]',
      }),
      changeColumnType({
        id: 'unknown',
        table: 'crm.users',
        from: 'at',
        to: 'at_new',
        type: 'crm.not_yet',
        backward: 'at_new::text::timestamptz',
      }),
      splitColumn({
        id: 'yielded',
        table: 'crm.users',
        from: 'nickname',
        to: { name: undefined, label: undefined },
        forward: { name: 'nickname', label: 'nickname' },
        backward: "(name || ' ' || label)::varchar(50)",
      }),
    ])
    const types = Object.fromEntries(
      input.absent.map(({ migration, column, type }) => [
        `${migration}.${column}`,
        [type.declared, type.bare, type.base, type.modifier],
      ]),
    )
    expect(types).toEqual({
      'copied.total': ['numeric(12,2)', '"pg_catalog"."numeric"', 'pg_catalog.numeric', 786438],
      'declared.sort': ['crm."Kind"', '"crm"."Kind"', 'crm.Kind', -1],
      'precise.code_text': ['character varying(12)', '"pg_catalog"."varchar"', 'pg_catalog.varchar', 16],
      'domain.tags_new': ['crm.tag', '"crm"."tag"', 'pg_catalog.varchar', -1],
      'yielded.nickname': ['character varying(50)', '"pg_catalog"."varchar"', 'pg_catalog.varchar', 54],
    })
  })

  test('a declared type has the collation of the column that is copied', async () => {
    const { input } = await load([
      renameColumn({ id: 'copied', table: 'crm.users', from: 'name', to: 'full_name', type: 'text' }),
      changeColumnType({
        id: 'computed',
        table: 'crm.users',
        from: 'name',
        to: 'caption',
        type: 'text',
        forward: 'name::text',
        backward: 'caption::varchar',
      }),
    ])
    expect(input.absent.map(({ column, type }) => [column, type.collation, type.defaultCollation])).toEqual([
      ['full_name', '"pg_catalog"."C"', false],
      ['caption', '"pg_catalog"."default"', true],
    ])
  })

  test('a mapping that raises for NULL is described, not run', async () => {
    await database.client.query(`create or replace function public.strictest(text) returns int language plpgsql immutable as
      $f$ begin if $1 is null then raise 'no NULL please'; end if; return length($1); end $f$`)
    const { input } = await load([
      defineMigration({
        id: 'm',
        table: 'orders',
        old: { size: undefined },
        new: { status: 'text' },
        forward: { status: 'size::text' },
        backward: { size: 'public.strictest(status)' },
      }),
    ])
    expect(input.absent.map(({ type }) => type.declared)).toEqual(['integer'])
  })

  test('a column of many, and of both sides', async () => {
    const { snapshot } = await load([
      mergeColumns({
        table: 'places',
        from: { street: 'text', town: 'text' },
        to: 'address',
        type: 'text',
        forward: "street || ', ' || town",
        backward: { street: "split_part(address, ', ', 1)", town: "split_part(address, ', ', 2)" },
      }),
    ])
    const bound = snapshot.catalog.relation(undefined, 'places')?.migrations[0]
    expect(bound?.physical).toBe('old')
    expect(bound?.types.address?.declared).toBe('text')
  })
})
