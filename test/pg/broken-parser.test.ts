import { fixedPhases, renameColumn } from '@expand-contract/core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

/** The catalog is not read again meanwhile, which parses as well. The next text makes the parser fail in the midst of its work, as a stack that is too short does, in a hundredth of the time. */
const next = vi.hoisted(() => ({ breaks: false }))

vi.mock('../../packages/sql/node_modules/libpg-query/wasm/libpg-query.js', async (original) => {
  const { default: create } = await original<{ default: (hooks: Hooks) => Promise<Hooks> }>()
  interface Hooks {
    _malloc?: unknown
    _wasm_parse_query_raw?: (text: number) => number
  }
  const breaking = (parser: Hooks): Hooks => {
    const parseRaw = parser._wasm_parse_query_raw
    parser._wasm_parse_query_raw = (text) => {
      const result = parseRaw?.(text) ?? 0
      if (!next.breaks) return result
      next.breaks = false
      throw new RangeError('Maximum call stack size exceeded')
    }
    return parser
  }
  return {
    default(hooks: Hooks) {
      const made = create(hooks)
      if (hooks._malloc === undefined) return made.then(breaking)
      breaking(hooks)
      return made
    },
  }
})

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const SQL = `create table users (id serial primary key, name text, full_name text);
  create table others (id serial primary key, name text)`

// The parser is the same for all majors.
const major = postgresMajors().at(-1) ?? 18
let fixture: EngineFixture
beforeAll(async () => {
  fixture = await EngineFixture.open(major, {
    sql: SQL,
    migrations: [MIGRATION],
    phases: fixedPhases(),
    catalogRefreshMs: 3_600_000,
  })
})
afterAll(async () => {
  await fixture.close()
})

test('what is written after the parser was broken a thousand times is in step', async () => {
  const client = await fixture.client()
  const tooDeep = { code: 'EC_REFUSED', reasons: [{ code: 'too-deep' }] }
  await client.query("insert into users (name) values ('Ada')")
  for (let turn = 0; turn < 1_000; turn++) {
    // As deep as the parser cannot follow, now and then.
    const value = turn % 100 === 0 ? `(${'1+'.repeat(12_000)}${turn})::text` : `'${turn}'`
    next.breaks = turn % 100 !== 0
    // Of a shape of its own, since one that is known is not parsed.
    await expect(client.query(`insert into users as u${turn} (name) values (${value})`)).rejects.toMatchObject(tooDeep)
  }
  await client.query("insert into users (name) values ('Grace')")
  await client.query("update users set name = name || '!'")
  const { rows } = await fixture.bare.query('select name, full_name from users order by id')
  expect(rows).toEqual(['Ada!', 'Grace!'].map((name) => ({ name, full_name: name })))
})

test('a text that is as deep, and names no migrating table, passes', async () => {
  const client = await fixture.client()
  const nested = `${'lower('.repeat(4_000)}'ADA'${')'.repeat(4_000)}`
  await client.query(`insert into others (name) values (${nested})`)
  expect((await fixture.bare.query('select name from others')).rows).toEqual([{ name: 'ada' }])
})
