import { changeColumnType, defineMigration, fixedPhases, type Phase } from '@expand-contract/core'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

/** A type with a limit under a name of its own; `wide` is what it is made of, without. */
interface Limited {
  readonly type: string
  readonly wide: string
  readonly fits: string
  readonly long: string
}

const TEXT = { wide: 'text', fits: 'ab', long: 'toolong' } as const
const TEXTS = { wide: 'text[]', fits: '{ab,NULL,"c  "}', long: '{ok,toolong}' } as const

const TYPES: readonly Limited[] = [
  { type: 'varchar(3)', ...TEXT },
  { type: 'short', ...TEXT },
  { type: 'deep', ...TEXT },
  { type: 'padded', ...TEXT },
  { type: 'varchar(3)[]', ...TEXTS },
  { type: 'shorts', ...TEXTS },
  { type: 'short[]', ...TEXTS },
  { type: 'deep[]', ...TEXTS },
  { type: 'deeps', ...TEXTS },
  { type: 'bits', wide: 'bit varying', fits: '101', long: '10101' },
  { type: 'fixedbits', wide: 'bit varying', fits: '101', long: '1' },
  { type: 'price', wide: 'numeric', fits: '12.345', long: '12345.6' },
]

const DOMAINS = `
  create domain short as varchar(3); create domain deep as short; create domain padded as char(3); create domain shorts as varchar(3)[];
  create domain deeps as deep[]; create domain bits as varbit(3); create domain fixedbits as bit(3); create domain price as numeric(5,2);`

/** `:v` is an untyped literal, `:t` one of the wide type, `$1` a parameter; other columns make the rewriter take values apart. */
const STATEMENTS = [
  'insert into users (id, name) values (2, :v)',
  'insert into users (id, name) values (2, :t)',
  'insert into users (id, name) values (2, $1)',
  'insert into users (id, name) values (2, :v), (3, :v)',
  'insert into users (id, name) values (2, null), (3, :t)',
  'insert into users (id, name, extra) values (2, :v, gen_random_uuid()::text)',
  'insert into users (id, name) select 2, :v',
  'insert into users (id, name) select 2, :t',
  'insert into users (id, name) select 2, $1',
  'insert into users (id, name) values (1, :t) on conflict (id) do update set name = excluded.name',
  'insert into users (id, name) values (1, null) on conflict (id) do update set name = :v',
  'insert into users (id, name) values (1, null) on conflict (id) do update set name = :t',
  'update users set name = :v',
  'update users set name = :t',
  'update users set name = $1',
  'update users set (name, extra) = (:v, gen_random_uuid()::text)',
  'update users set (name, extra) = (select :t, gen_random_uuid()::text)',
  'update users set name = :v, extra = gen_random_uuid()::text',
  'update users set name = v.v from (values (:t)) as v(v)',
  'update users set name = (select :t)',
  'update users set name = case when random() >= 0 then :t end',
] as const

describe.each(postgresMajors())('PostgreSQL %i: what is too long for a type behind a domain', (major) => {
  // Each with one of the majors.
  const majors = postgresMajors()
  describe.each(TYPES.filter((_, index) => majors[index % majors.length] === major))(
    '$type',
    ({ type, wide, fits, long }) => {
      const fixtures = new Map<string, { readonly fixture: EngineFixture; readonly client: pg.Client }>()

      /** `limited` says which side has the limit, and `two` whether it takes another column with it. */
      const open = async (limited: 'old' | 'new', two: boolean, phase: Phase) => {
        const [from, to] = limited === 'old' ? [type, wide] : [wide, type]
        const one = { table: 'users', from: 'name', fromType: from, to: 'full_name', type: to }
        // One column that is copied, and an expression beside another column.
        const both = {
          id: 'users.full_name',
          table: 'users',
          old: { name: from, extra: 'text' },
          new: { full_name: to, more: 'text' },
          forward: { full_name: 'coalesce(name, NULL)', more: "coalesce(extra, '')" },
          backward: { name: 'coalesce(full_name, NULL)', extra: 'more' },
        }
        const migration = two ? defineMigration(both) : changeColumnType(one)
        const columns = `id int primary key, name ${from}, extra text`
        const fixture = await EngineFixture.open(major, {
          sql: `${DOMAINS} create table users (${columns}, full_name ${to}, more text); create table twin (${columns})`,
          migrations: [migration],
          phases: fixedPhases({ [migration.id]: phase }),
        })
        fixtures.set([limited, two, phase].join(), { fixture, client: await fixture.client() })
      }
      const cases = [
        ['old', false, 'expand'],
        ['old', true, 'expand'],
        ['old', true, 'contract'],
        ['new', false, 'expand'],
        ['new', true, 'expand'],
        ['new', false, 'contract'],
      ] as const
      beforeAll(() => Promise.all(cases.map(([limited, two, phase]) => open(limited, two, phase))))
      afterAll(() => Promise.all([...fixtures.values()].map(({ fixture }) => fixture.close())))

      /** How it ends, and what is stored. */
      const run = async (client: pg.Client, { sql, table }: { sql: string; table: string }, value: string) => {
        const text = sql
          .replaceAll('users', table)
          .replaceAll(':v', `'${value}'`)
          .replaceAll(':t', `'${value}'::${wide}`)
        const error = await client.query(text, sql.includes('$1') ? [value] : []).then(
          () => undefined,
          ({ code }: { code: string }) => code,
        )
        return error
      }

      test.each(cases)('on the %s side, with another column %s, in %s', async (...each) => {
        const [limited, , phase] = each
        const found = fixtures.get(each.join())
        if (found === undefined) throw new Error('not opened')
        const { fixture, client } = found
        const { bare } = fixture
        const wrong: unknown[] = []
        for (const sql of STATEMENTS)
          for (const value of [fits, long]) {
            await bare.query(
              `truncate users, twin; insert into users (id) values (1); insert into twin (id) values (1)`,
            )
            const here = await run(client, { sql, table: 'users' }, value)
            const twin = await run(bare, { sql, table: 'twin' }, value)
            const { rows } = await bare.query(
              `select u.id, u.name::text as name, u.full_name::text as full_name, t.name::text as twin, ${value === fits ? `t.name::${type}::text` : 'null'} as cut from users u full join twin t using (id) order by id`,
            )
            // Where the other side has the limit, what it cannot hold is refused.
            const expected = limited === 'new' && value === long && twin === undefined ? 'refused' : twin
            const ended = expected === 'refused' && here !== undefined ? 'refused' : here
            const stored = rows.every((row) => {
              if (here !== undefined) return row.full_name === null && row.name === null
              const wanted = limited === 'new' ? row.cut : row.twin
              const same = (one: string | null, other: string | null) =>
                one === other || (type === 'padded' && one?.trimEnd() === other?.trimEnd())
              return same(row.full_name, wanted) && (phase === 'contract' || same(row.name, row.twin))
            })
            if (ended !== expected || !stored) wrong.push({ sql, value, here, twin, rows })
          }
        expect(wrong).toEqual([])
      })

      test.each([['old', true, 'contract']] as const)(
        'is read as it stands, from the %s side, with another column %s, in %s',
        async (...each) => {
          const found = fixtures.get(each.join())
          if (found === undefined) throw new Error('not opened')
          const { fixture, client } = found
          // Somebody who knows nothing of the old column has written more than it held.
          await fixture.bare.query('truncate users')
          await fixture.bare.query(`insert into users (id, full_name) values (1, '${long}')`)
          if (type === 'price' || type === 'fixedbits' || type === 'padded') return
          const { rows } = await client.query('select name::text as name from users')
          const stored = await fixture.bare.query('select full_name::text as name from users')
          expect(rows).toEqual(stored.rows)
        },
      )
    },
  )
})
