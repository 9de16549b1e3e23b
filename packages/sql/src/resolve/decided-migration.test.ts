import {
  changeColumnType,
  DECISIONS,
  type Decision,
  type Migration,
  renameColumn,
  splitColumn,
} from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogOf } from '../../fixtures/plan-statement.ts'
import { columnType, tableFacts } from '../../fixtures/relation-facts.ts'
import type { ColumnType } from '../catalog/catalog.ts'
import { compileMigration } from '../mapping/compiled-migration.ts'
import { loadParser } from '../parse/parser.ts'
import {
  bareColumn,
  castToRead,
  castToStore,
  type DecidedMigration,
  decidedMigrationOf,
  logicalValue,
  sameType,
  shadowValue,
} from './decided-migration.ts'

beforeAll(loadParser)

const domain = columnType('character varying(10)', {
  declared: 'crm.short',
  bare: '"crm"."short"',
  base: 'pg_catalog.varchar',
  modifier: -1,
})
const german = columnType('text', { collation: '"public"."german"', defaultCollation: false })

const shortTexts: ColumnType = {
  ...columnType('character varying(10)'),
  declared: 'character varying(10)[]',
  bare: '"pg_catalog"."_varchar"',
  base: 'pg_catalog._varchar',
}

const domains: ColumnType = {
  ...columnType('text'),
  ...{ declared: 'crm.short[]', bare: '"crm"."_short"', base: 'pg_catalog._varchar' },
}

const typeOf = (type: string | ColumnType): ColumnType => (typeof type === 'string' ? columnType(type) : type)

describe('a value in a result', () => {
  it.each<[string | ColumnType, string]>([
    ['text', '(x::text)'],
    ['integer', '(x::integer)'],
    ['character varying(10)', '(x::"pg_catalog"."varchar")'],
    ['bit varying(8)', '(x::"pg_catalog"."varbit")'],
    ['character(3)', '(x::character(3))'],
    ['numeric(12,2)', '(x::numeric(12,2))'],
    // The domain would cut, too.
    [domain, '(x::"pg_catalog"."varchar")'],
    [shortTexts, '(x::"pg_catalog"."_varchar")'],
    [domains, '(x::"pg_catalog"."_varchar")'],
    [german, '(SELECT x::text COLLATE "public"."german")'],
  ])('of the type %o', (type, sql) => {
    expect(castToRead('x', typeOf(type), [])).toBe(sql)
  })

  it('of an unknown type stays as it is', () => {
    expect(castToRead('x', undefined, [])).toBe('x')
  })
})

describe('a value that is stored', () => {
  it.each<[string | ColumnType, string, string]>([
    ['text', '(x::text)', '(x::text)'],
    ['bigint', '(x::bigint)', '(x::bigint)'],
    ['numeric(12,2)', '(x::numeric(12,2))', '(x::numeric(12,2))'],
    ['character varying', '(x::character varying)', '(x::character varying)'],
    [
      'character varying(10)',
      '(x::character varying(10))',
      '"pg_catalog"."varchar"(x::"pg_catalog"."varchar", 14, false)',
    ],
    ['character(3)', '(x::character(3))', '"pg_catalog"."bpchar"(x::"pg_catalog"."bpchar", 7, false)'],
    ['bit(4)', '(x::bit(4))', '"pg_catalog"."bit"(x::"pg_catalog"."bit", 4, false)'],
    ['bit varying(8)', '(x::bit varying(8))', '"pg_catalog"."varbit"(x::"pg_catalog"."varbit", 8, false)'],
    [
      domain,
      '(x::crm.short)',
      '(SELECT "pg_catalog"."varchar"(ec_x.x::"pg_catalog"."varchar", 4 + "pg_catalog"."length"((ec_x.x::"crm"."short")::"pg_catalog"."varchar"), false)::"crm"."short" FROM (SELECT x AS x OFFSET 0) AS ec_x)',
    ],
  ])('in the type %o is coerced by PostgreSQL beside the column, and by us without it', (type, beside, alone) => {
    expect(castToStore('x', typeOf(type), false)).toBe(beside)
    expect(castToStore('x', typeOf(type), true)).toBe(alone)
  })

  it('of an unknown type stays as it is', () => {
    expect(castToStore('x', undefined, true)).toBe('x')
  })
})

describe('sameType', () => {
  it.each<[string | ColumnType | undefined, string | ColumnType | undefined, boolean]>([
    ['text', 'text', true],
    ['character varying(10)', 'character varying(10)', true],
    ['character varying(10)', 'character varying(20)', false],
    ['character varying', 'text', false],
    ['text', german, false],
    ['integer', 'bigint', false],
    [undefined, undefined, false],
  ])('%o, %o: %s', (a, b, same) => {
    expect(sameType(a === undefined ? a : typeOf(a), b === undefined ? b : typeOf(b))).toBe(same)
  })
})

interface Sides {
  readonly from: string | ColumnType
  readonly to: string | ColumnType
  readonly decision?: Decision
  readonly migration?: Migration
}

const copied = changeColumnType({ table: 't', from: 'a', fromType: 'int4', to: 'b', type: 'int8' })

function decided({ from, to, decision = DECISIONS.bothReadNew, migration = copied }: Sides): DecidedMigration {
  const table = tableFacts('t', { columns: { id: 'integer', a: { type: from }, b: { type: to } } })
  const relation = catalogOf([migration], [table]).relation(undefined, 't')
  const bound = relation?.migrations[0]
  if (!relation || !bound) throw new RangeError('the table is not bound')
  return decidedMigrationOf(bound, compileMigration(migration), relation, decision)
}

describe('the bare shadow column', () => {
  it.each<[string | ColumnType, string | ColumnType, string, object | undefined]>([
    ['text', 'text', 'is the same', { operandType: undefined, text: true }],
    ['character varying(10)', 'text', 'is compared as text either way', { operandType: undefined, text: true }],
    ['text', 'character varying', 'is compared as text either way', { operandType: undefined, text: true }],
    [
      'integer',
      'bigint',
      'is ordered alike, beside operands of the old type',
      { operandType: '"pg_catalog"."int4"', text: false },
    ],
    ['bigint', 'smallint', 'is ordered alike', { operandType: '"pg_catalog"."int8"', text: false }],
    ['uuid', 'uuid', 'is the same', { operandType: undefined, text: false }],
    ['numeric(12,2)', 'numeric(14,2)', 'is ordered alike', { operandType: undefined, text: false }],
    ['character(3)', 'text', 'ignores trailing spaces on one side only', undefined],
    ['integer', 'numeric', 'has an arithmetic of its own', undefined],
    ['timestamp without time zone', 'timestamp with time zone', 'depends on the time zone', undefined],
    ['text', german, 'is ordered by another collation', undefined],
    ['text', 'uuid', 'has other texts for one value', undefined],
    ['text', domain, 'is compared as its base type', { operandType: undefined, text: true }],
    [
      { ...domain, base: 'pg_catalog.int4', collation: undefined },
      'bigint',
      'is compared with values that its constraints may not allow',
      { operandType: '"pg_catalog"."int4"', text: false },
    ],
  ])('%o -> %o %s', (from, to, _, bare) => {
    const found = bareColumn(decided({ from, to }), 'a')
    if (bare === undefined) expect(found).toBeUndefined()
    else expect(found).toEqual({ column: 'b', ...bare })
  })

  it('is none where an expression computes the other side', () => {
    const migration = splitColumn({
      table: 't',
      from: 'a',
      to: { b: 'text' },
      forward: { b: 'lower(a)' },
      backward: 'b',
    })
    expect(bareColumn(decided({ from: 'text', to: 'text', migration }), 'a')).toBeUndefined()
  })
})

describe('values of the other side', () => {
  it.each<[Sides, string, string]>([
    [{ from: 'text', to: 'text' }, 'x', 't."b"'],
    [{ from: 'integer', to: 'bigint' }, '((x)::integer)::"pg_catalog"."int8"', '(t."b"::integer)'],
    [
      { from: 'character varying(10)', to: 'character varying(20)' },
      '((x)::character varying(10))',
      '(t."b"::"pg_catalog"."varchar")',
    ],
    [{ from: german, to: 'text' }, '((x)::text)', '(SELECT t."b"::text COLLATE "public"."german")'],
  ])('%o', (sides, shadow, logical) => {
    expect(shadowValue(decided(sides), 'b', () => 'x')).toBe(shadow)
    expect(logicalValue(decided(sides), 'a', 't')).toBe(logical)
  })

  it('refuse what does not fit where the logical column is not written', () => {
    const alone = decided({ from: 'character varying(10)', to: 'text', decision: DECISIONS.newOnly })
    expect(shadowValue(alone, 'b', () => 'x')).toBe(
      '"pg_catalog"."varchar"((x)::"pg_catalog"."varchar", 14, false)::"pg_catalog"."text"',
    )
  })

  it('are computed from the value as it would be stored', () => {
    const migration = splitColumn({
      table: 't',
      from: 'a',
      to: { b: 'text' },
      forward: { b: "a || '!'" },
      backward: "rtrim(b, '!')",
    })
    const computed = decided({ from: 'numeric(12,2)', to: 'text', migration })
    expect(shadowValue(computed, 'b', () => '1 + 1')).toBe("(((1 + 1)::numeric(12,2)) || '!')")
    expect(logicalValue(computed, 'a', '"t"')).toBe(`((rtrim("t"."b", '!'))::numeric(12,2))`)
  })
})

describe('stanceOf', () => {
  const rename = (app: 'old' | 'new'): Migration => renameColumn({ table: 't', from: 'a', to: 'b', app })

  it.each([
    ['old', DECISIONS.oldOnly, { read: 'logical', writesLogical: true, writesShadow: false }],
    ['old', DECISIONS.bothReadOld, { read: 'logical', writesLogical: true, writesShadow: true }],
    ['old', DECISIONS.bothReadNew, { read: 'shadow', writesLogical: true, writesShadow: true }],
    ['old', DECISIONS.newOnly, { read: 'shadow', writesLogical: false, writesShadow: true }],
    ['new', DECISIONS.oldOnly, { read: 'shadow', writesLogical: false, writesShadow: true }],
    ['new', DECISIONS.bothReadOld, { read: 'shadow', writesLogical: true, writesShadow: true }],
    ['new', DECISIONS.bothReadNew, { read: 'logical', writesLogical: true, writesShadow: true }],
    ['new', DECISIONS.newOnly, { read: 'logical', writesLogical: true, writesShadow: false }],
  ] as const)('sees a decision from the application on the %s side: %o', (app, decision, expected) => {
    expect(decided({ from: 'text', to: 'text', decision, migration: rename(app) })).toMatchObject({
      ...expected,
      hasLogical: true,
      hasShadow: true,
    })
  })
})
