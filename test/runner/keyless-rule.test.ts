import { changeColumnType } from '@expand-contract/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})

/** A row: `note` and `tidy` are what tells it, and several rows are the same. */
interface Row {
  readonly note: number | null
  readonly label: string | null
  readonly tidy: string | null
}

const word = fc.constantFrom('none', 'x', 'y', '\\N')
const label = fc.option(
  fc.tuple(fc.constantFrom('', ' '), word).map(([blank, text]) => `${blank}${text}`),
  { freq: 5 },
)
const tidy = fc.option(fc.constantFrom('x', 'y', 'z'), { freq: 5 })
const note = fc.option(fc.integer({ min: 1, max: 2 }), { freq: 5 })
const nth = fc.nat({ max: 30 })
const change = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), nth }),
  fc.record({ kind: fc.constant('touch' as const), nth, note }),
  fc.record({ kind: fc.constant('write' as const), nth, tidy }),
  fc.record({ kind: fc.constant('insert' as const), note, tidy }),
)

const text = (...parts: readonly unknown[]): string => JSON.stringify(parts)

function grouped<T>(all: readonly T[], of: (each: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) groups.set(of(each), [...(groups.get(of(each)) ?? []), each])
  return groups
}

type Kind = 'exact' | 'alike' | 'ambiguous' | 'mapped'

/** What the rows of now are to be, and how many of each kind: the rule, as the page of `restore` has it. */
function expected(before: readonly Row[], now: readonly Omit<Row, 'label'>[]) {
  const keyOf = (row: Omit<Row, 'label'>): string => text(row.note, row.tidy)
  const [was, is] = [grouped(before, keyOf), grouped(now, keyOf)]
  const several = (rows: readonly Row[]): boolean => new Set(rows.map((row) => text(row.label))).size > 1
  const news = grouped(before, (row) => text(row.tidy))
  const sums = new Map<string, { came: number; gone: number }>()
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [there, here] = [was.get(key) ?? [], is.get(key) ?? []]
    const of = text((there[0] ?? here[0])?.tidy)
    const { came, gone } = sums.get(of) ?? { came: 0, gone: 0 }
    const more = here.length - there.length
    sums.set(of, { came: came + Math.max(more, 0), gone: gone + Math.max(-more, 0) })
  }
  const counts: Record<Kind, number> = { exact: 0, alike: 0, ambiguous: 0, mapped: 0 }
  const rows: Row[] = []
  for (const [key, here] of is) {
    const there = was.get(key) ?? []
    const [{ tidy: made } = { tidy: null }] = here
    const { came, gone } = sums.get(text(made)) ?? { came: 0, gone: 0 }
    const known = news.get(text(made)) ?? []
    const missing = Math.max(there.length - here.length, 0)
    const unsure = several(there) && missing > 0
    // Whichever have gone, so many of each value are there.
    const certain = [...grouped(there, (row) => text(row.label)).values()].flatMap((each) =>
      unsure ? each.slice(missing) : each,
    )
    for (const [index, row] of here.entries()) {
      const given = certain[index]
      const kind: Kind =
        given !== undefined
          ? 'exact'
          : unsure
            ? 'ambiguous'
            : known.length === 0 || gone === 0
              ? 'mapped'
              : !several(known) && came <= gone
                ? 'alike'
                : 'ambiguous'
      counts[kind] += 1
      // NULL has no end: whoever comes on top of rows of which one had none has none.
      const none = kind !== 'exact' && certain.some((each) => each.label === null)
      const value =
        given?.label ?? (kind === 'alike' ? (known[0]?.label ?? null) : kind === 'exact' || none ? null : made)
      rows.push({ ...row, label: value })
    }
  }
  return { rows, counts }
}

describe.each(postgresMajors())('PostgreSQL %i: what a restored row has that no key tells', (major) => {
  test('is what the rule says, as a multiset, and what was foretold', async () => {
    await using life = await BackupLife.open(major, 'create table things (note int, label text)')
    const { client } = life
    const rows = async (columns: string) =>
      (await life.rows(`select ${columns} from things order by 1, 2`)) as unknown as readonly Row[]
    const sorted = (all: readonly Row[]): readonly string[] =>
      all.map((row) => text(row.note, row.tidy, row.label)).toSorted()
    await life.switched(lossy)
    await life.stage(lossy, 'contract')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ note, label }), { maxLength: 20 }),
        fc.array(change, { maxLength: 12 }),
        async (first, changes) => {
          await client.query('truncate things')
          for (const row of first)
            await client.query('insert into things (note, label) values ($1, $2)', [row.note, row.label])
          const before = await rows('note, label, tidy')
          const { path, record } = await life.backup(lossy)
          expect([record.equal, record.rows]).toEqual([true, before.length])
          await life.stage(lossy, 'hold', 'drop')
          const at = 'ctid = (select ctid from things order by ctid offset $1 limit 1)'
          for (const each of changes) {
            if (each.kind === 'delete') await client.query(`delete from things where ${at}`, [each.nth])
            if (each.kind === 'touch')
              await client.query(`update things set note = $2 where ${at}`, [each.nth, each.note])
            if (each.kind === 'write')
              await client.query(`update things set tidy = $2 where ${at}`, [each.nth, each.tidy])
            if (each.kind === 'insert')
              await client.query('insert into things (note, tidy) values ($1, $2)', [each.note, each.tidy])
          }
          const rule = expected(before, await rows('note, tidy'))
          const { rows: foretold, gone, ...kinds } = (await life.forecast(lossy, path)) ?? { rows: -1, gone: -1 }
          expect(kinds).toEqual(rule.counts)
          const restored = await life.restore(lossy, path)
          expect(sorted(await rows('note, label, tidy'))).toEqual(sorted(rule.rows))
          expect(restored).toMatchObject({ rows: foretold, exact: rule.counts.exact, gone, failed: 0 })
          const { alike = 0, ambiguous = 0, mapped = 0, empty = 0 } = restored ?? {}
          expect(alike + ambiguous + mapped + empty).toBe(foretold - rule.counts.exact)
          // Of those of which nothing was sure, some have what they would have either way.
          expect(alike).toBeGreaterThanOrEqual(rule.counts.alike)
          expect(ambiguous).toBeLessThanOrEqual(rule.counts.ambiguous)
          expect(before.length - gone).toBeLessThanOrEqual(foretold)
        },
      ),
      { numRuns: Number(process.env.EC_KEYLESS_RUNS ?? 2) },
    )
  })
})
