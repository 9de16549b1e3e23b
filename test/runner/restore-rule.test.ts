import { changeColumnType } from '@expand-contract/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

/** Blanks at both ends go, and 'none' has no counterpart: what the old column had, the new one does not tell. */
const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})

const text = fc.oneof(
  fc.constantFrom('none', ' none ', '', ' ', '\\.', '\\N', 'a\nb', 'tab\there', '"q",(x)', "o'b", 'ß€𝄞'),
  fc.string({ maxLength: 12, unit: 'grapheme-ascii' }),
)
const value = fc.option(
  fc.tuple(fc.constantFrom('', ' ', '  '), text).map(([blanks, word]) => `${blanks}${word}${blanks}`),
)
const id = fc.integer({ min: 1, max: 30 })
const change = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), id }),
  fc.record({ kind: fc.constant('update' as const), id, tidy: fc.option(text) }),
  fc.record({ kind: fc.constant('insert' as const), id, tidy: fc.option(text) }),
  fc.record({ kind: fc.constant('touch' as const), id }),
  fc.record({ kind: fc.constant('move' as const), id, to: id }),
)

interface Row {
  readonly id: number
  readonly label: string | null
  readonly tidy: string | null
}

describe.each(postgresMajors())('PostgreSQL %i: what a restored row has', (major) => {
  test('is the exact value where the new column says the same, else what the mapping makes of it', async () => {
    await using life = await BackupLife.open(
      major,
      'create table things (id int primary key, part int not null default 0, note int, label text)',
    )
    const { client } = life
    const rows = (columns: string) => life.rows(`select ${columns} from things order by id`)
    await life.switched(lossy)
    await life.stage(lossy, 'contract')
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ id, label: value }), { selector: (row) => row.id, maxLength: 30 }),
        fc.array(change, { maxLength: 40 }),
        async (first, changes) => {
          await client.query('truncate things')
          for (const row of first)
            await client.query('insert into things (id, label) values ($1, $2)', [row.id, row.label])
          const before = (await rows('id, label, tidy')) as unknown as readonly Row[]
          const { path, record } = await life.backup(lossy)
          expect([record.equal, record.rows]).toEqual([true, before.length])
          await life.stage(lossy, 'hold', 'drop')
          for (const each of changes) {
            if (each.kind === 'delete') await client.query('delete from things where id = $1', [each.id])
            if (each.kind === 'touch') await client.query('update things set note = 1 where id = $1', [each.id])
            if (each.kind === 'update')
              await client.query('update things set tidy = $2 where id = $1', [each.id, each.tidy])
            if (each.kind === 'insert')
              await client.query('insert into things (id, tidy) values ($1, $2) on conflict do nothing', [
                each.id,
                each.tidy,
              ])
            if (each.kind === 'move')
              await client.query(
                'update things set id = $2 where id = $1 and not exists (select from things where id = $2)',
                [each.id, each.to],
              )
          }
          const now = (await rows('id, tidy')) as unknown as readonly Omit<Row, 'label'>[]
          const known = new Map(before.map((row) => [row.id, row]))
          const expected = now.map((row) => {
            const was = known.get(row.id)
            return { ...row, label: was !== undefined && was.tidy === row.tidy ? was.label : row.tidy }
          })
          const restored = await life.restore(lossy, path)
          expect(await rows('id, tidy, label')).toEqual(expected)
          expect(restored).toMatchObject({ rows: now.length, failed: 0 })
        },
      ),
      { numRuns: 8 },
    )
  })
})
