import { describe, expect, it } from 'vitest'
import { changeColumnType } from './change-column-type.ts'
import { defineMigration } from './define-migration.ts'
import { renameColumn } from './rename-column.ts'
import { roundTripQuery } from './round-trip-query.ts'

describe('roundTripQuery', () => {
  it('goes there and back, with the types of the declaration', () => {
    const migration = changeColumnType({ table: 'shop.orders', from: 'n', fromType: 'int4', to: 'big', type: 'int8' })
    expect(roundTripQuery(migration)).toBe(
      `SELECT count(*) AS "rows", count(*) FILTER (WHERE ("big")::int4::text IS DISTINCT FROM "n"::text) AS "differing"
FROM (SELECT "n", ("n")::int8 AS "big" FROM "shop"."orders") AS "there"`,
    )
  })

  it('leaves types to the catalog where the declaration does, and quotes every name', () => {
    expect(roundTripQuery(renameColumn({ table: 't', from: 'a"b', to: 'Neu' }))).toBe(
      `SELECT count(*) AS "rows", count(*) FILTER (WHERE "Neu" IS DISTINCT FROM "a""b") AS "differing"
FROM (SELECT "a""b", "a""b" AS "Neu" FROM "t") AS "there"`,
    )
  })

  it('looks at so many rows alone, where it is told to', () => {
    const query = roundTripQuery(renameColumn({ table: 't', from: 'a', to: 'b' }), { limit: 100 })
    expect(query).toMatch(/FROM "t" LIMIT 100\) AS "there"$/u)
  })

  it('counts a row once, whichever of its columns differs', () => {
    const migration = defineMigration({
      table: 't',
      old: { a: 'text', b: 'text' },
      new: { ab: 'text' },
      forward: { ab: 'a || b' },
      backward: { a: 'left(ab, 1)', b: 'substr(ab, 2)' },
    })
    expect(roundTripQuery(migration)).toContain(
      'FILTER (WHERE ((left(ab, 1)))::text::text IS DISTINCT FROM "a"::text OR ((substr(ab, 2)))::text::text IS DISTINCT FROM "b"::text)',
    )
  })
})
