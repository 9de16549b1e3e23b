import { nameOfToken } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CorpusCase, corpusCases } from '../../fixtures/corpus-cases.ts'
import { planStatement } from '../../fixtures/plan-statement.ts'
import { loadParser, scan } from './parser.ts'
import { SourceText } from './source-text.ts'

beforeAll(loadParser)

interface Spelling {
  readonly name: (name: string) => string
  readonly between: string
  /** Tried with the statements of the other tests as well. @defaultValue false */
  readonly everywhere?: boolean
}

/** Ways to write a name, and what stands between tokens, that mean the same. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  'in quotes': { name: (name) => `"${name.replaceAll('"', '""')}"`, between: '' },
  'with escapes': { name: (name) => `U&"${escaped(name, '\\')}"`, between: '' },
  'with UESCAPE': { name: (name) => `u&"${escaped(name, '!')}" UESCAPE '!'`, between: '' },
  'with UESCAPE, between comments and line breaks': {
    name: (name) => `U&"${escaped(name, '!')}" -- an 'escape', "!" (\n /* of */ uescape\n'!'`,
    between: " /* a , ( 'comment' /* in */ it */\n-- and ) \" one more\n",
    everywhere: true,
  },
  'as they are, between comments and line breaks': {
    name: (_) => '',
    between: '\n/* ; "users" ( */\t',
  },
}

/** The first letter as an escape, with quotes and the escape itself doubled. */
function escaped(name: string, by: string): string {
  const [first = '', ...rest] = name
  const code = (first.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  return `${by}${code}${rest
    .join('')
    .replaceAll(by, by + by)
    .replaceAll('"', '""')}`
}

/** Every name of a text spelled another way, and everything between its tokens. Words of the grammar stay; NAME is one, and a name here. */
function respelled(text: string, { name, between }: Spelling): string {
  const source = new SourceText(text)
  const identifiers = new Set(
    scan(text).flatMap(({ start, tokenName }) =>
      /^(?:U?IDENT|NAME_P)$/u.test(tokenName) ? [source.offset(start)] : [],
    ),
  )
  return source.tokens
    .map(({ start, end }) => {
      const written = text.slice(start, end)
      const spelled = identifiers.has(start) ? name(nameOfToken(written) ?? '') : ''
      return spelled === '' ? written : spelled
    })
    .join(between === '' ? ' ' : ` ${between} `)
}

/** What a text says, whatever its spelling: names as they are, words of the grammar in upper case. */
const meaning = (text: string): readonly string[] =>
  new SourceText(text).tokens.map(({ start, end, word }) => {
    const written = text.slice(start, end)
    return written.startsWith('"') || /^u&"/iu.test(written)
      ? (nameOfToken(written) ?? written)
      : word === undefined
        ? written
        : word.toLowerCase()
  })

/** A place for a name that no other case has. */
const MORE: readonly Pick<CorpusCase, 'sql' | 'app'>[] = [
  'UPDATE public.users * SET name = $1',
  'UPDATE ONLY (public.users) AS u SET name = $1, email = u.name WHERE u.name = $2 RETURNING u.name, u.*',
  'UPDATE public.users * u SET (name, email) = (SELECT p.name, p.city FROM people p) FROM ONLY people q WHERE u.name = q.name',
  'UPDATE labels SET words[1] = $1, words[2:3] = $2',
  'INSERT INTO public.users AS u (name, email) VALUES ($1, $2), (DEFAULT, $3) ON CONFLICT (name) WHERE email IS NOT NULL DO UPDATE SET name = excluded.name WHERE u.name <> excluded.name RETURNING u.name AS n, (u).name, users',
  'INSERT INTO users (name, email) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT users_name_key DO NOTHING',
  'INSERT INTO public.users AS u SELECT * FROM public.users * AS v RETURNING *',
  'INSERT INTO labels (words[1], words[2]) VALUES ($1, $2)',
  'INSERT INTO users (id, name) VALUES (generate_series(1, 3), $1)',
  'INSERT INTO tickets OVERRIDING SYSTEM VALUE VALUES (1)',
  'DELETE FROM ONLY public.users AS u USING people AS p WHERE u.name = p.name RETURNING u.name',
  'MERGE INTO ONLY public.users AS u USING people AS p ON u.name = p.name WHEN MATCHED AND u.name <> p.name THEN UPDATE SET name = p.name, (email, age) = ROW($1, 3) WHEN NOT MATCHED THEN INSERT (name, email) VALUES (p.name, p.city) WHEN MATCHED THEN DELETE',
  'MERGE INTO users USING people ON users.id = people.id WHEN NOT MATCHED THEN INSERT VALUES (1, $1, $2, 3)',
  'COPY public.users (name, email) TO STDOUT',
  'COPY public.users FROM STDIN WHERE name IS NOT NULL',
  'COPY BINARY users TO STDOUT',
  "COPY users (name) TO STDOUT USING DELIMITERS ','",
  'SELECT u.name AS "a b", public.users.name, (u).name, (public.users.*).email FROM users AS u, public.users ORDER BY u.name',
  'SELECT * FROM ONLY (public.users) AS u (a, b) WHERE a = $1',
  'SELECT * FROM public.users * AS u NATURAL LEFT OUTER JOIN ONLY public.people AS p',
  'SELECT name, p.city FROM public.people AS p JOIN public.users AS u USING (name)',
  'SELECT id FROM people NATURAL JOIN users u GROUP BY name, id HAVING max(u.name) > $1',
  'SELECT ROW(u.*), ROW((u).*), count(u), to_jsonb(u.*) FROM public.users u',
  'WITH w (a, b) AS (UPDATE users SET name = $1 RETURNING name, *) SELECT w.a FROM w WHERE w.a IN (SELECT name FROM users AS w)',
  'TABLE public.users',
  'SET CONSTRAINTS public.users_name_key, users_name_key DEFERRED',
].map((sql) => ({ sql, app: 'old' }))

describe.each(Object.entries(SPELLINGS))('names %s', (_, spelling) => {
  it.each(spelling.everywhere ? [...corpusCases(), ...MORE] : MORE)('$sql', ({ sql, app }) => {
    const other = respelled(sql, spelling)
    for (const situation of ['switch', 'contract'] as const) {
      const plan = planStatement(sql, { situation, app })
      const same = planStatement(other, { situation, app })
      expect([same.outcome, same.reasons.map(({ code }) => code)]).toEqual([
        plan.outcome,
        plan.reasons.map(({ code }) => code),
      ])
      expect(meaning(same.text), `${situation}: ${same.text}`).toEqual(meaning(plan.text))
    }
  })
})
