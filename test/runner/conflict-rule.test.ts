import { syncNames } from '@expand-contract/runner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { KINDS, type Kind } from './conflict-rule-kinds.ts'
import { conflictRule, type ModelPhase, type Row, type Value, type Values, type Write } from './conflict-rule-model.ts'
import { ExpandedDatabase } from './expanded-database.ts'

/** Everything is tried: each row before, each value or none for each column, in each phase, by each writer. */

/** Not named in the statement. */
const LEFT_OUT = Symbol('left out')
type Named = readonly (Value | typeof LEFT_OUT)[]

interface Case {
  readonly before: Row | undefined
  readonly old: Named
  readonly new: Named
}

const SCHEMA = `create sequence drawn;
  create function run_cases(name text, counter regclass, cases jsonb) returns table (id int, state text, counted boolean) language plpgsql as $$
  declare at int8; now_at int8; each jsonb; begin
    for each in select * from jsonb_array_elements(cases) loop
      execute format('select last_value + is_called::int from %s', counter) into at;
      begin execute each ->> 'sql'; state := '00000'; exception when others then state := sqlstate; end;
      execute format('select last_value + is_called::int from %s', counter) into now_at;
      id := (each ->> 'id')::int; counted := now_at <> at; return next;
    end loop; end $$;
  ${KINDS.map(({ name, columns }) => `create table ${name} (id int primary key, ${columns});`).join('\n')}`

/** How a session may write. All of them are the same to the trigger. */
const WRITERS: Readonly<Record<string, string>> = {
  'a plain session': '',
  'a session that replicates': "set_config('session_replication_role', 'replica', true)",
  'a session with an empty search path': "set_config('search_path', '', true)",
}

const product = <T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  lists.reduce<readonly (readonly T[])[]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])

const valuesOf = (side: Kind['old']): readonly Values[] => product(Object.values(side))
const namedOf = (side: Kind['old']): readonly Named[] =>
  product(Object.values(side).map((values) => [LEFT_OUT, ...values] as const))

function casesOf(kind: Kind): readonly Case[] {
  const writes = product<Named>([namedOf(kind.old), namedOf(kind.new)]).map(([old = [], added = []]) => ({
    old,
    new: added,
  }))
  const rows = product<Values>([valuesOf(kind.old), valuesOf(kind.new)]).map(([old = [], added = []]) => ({
    old,
    new: added,
  }))
  return [undefined, ...rows].flatMap((before) => writes.map((write) => ({ before, ...write })))
}

const quoted = (value: Value): string => (value === null ? 'null' : `'${value}'`)

function sqlOf(kind: Kind, { before, ...write }: Case, id: number): string {
  const named = (['old', 'new'] as const).flatMap((side) =>
    Object.keys(kind[side]).flatMap((column, index) => {
      const value = write[side][index]
      return value === undefined || value === LEFT_OUT ? [] : [{ column, value: quoted(value) }]
    }),
  )
  const table = `public.${kind.name}`
  if (before !== undefined) {
    const set = ['id = id', ...named.map(({ column, value }) => `${column} = ${value}`)]
    return `update ${table} set ${set.join(', ')} where id = ${id}`
  }
  const columns = ['id', ...named.map(({ column }) => column)]
  return `insert into ${table} (${columns.join(', ')}) values (${[id, ...named.map(({ value }) => value)].join(', ')})`
}

const DRAWN = 'drawn'
const told = (value: Value): Value => (value !== null && /^n\d+$/u.test(value) ? DRAWN : value)

/** What the statement would store without a trigger. */
function writeOf(kind: Kind, { before, ...write }: Case, phase: ModelPhase): Write {
  const side = (name: 'old' | 'new'): Values =>
    write[name].map((value, index) => {
      if (value !== LEFT_OUT) return value
      if (before !== undefined) return before[name][index] ?? null
      const counts = phase === 'contract' ? 'new' : 'old'
      if (name !== counts || kind.default === 'none') return null
      if (kind.default === 'drawn') return DRAWN
      return counts === 'new' ? (kind.forward([kind.default.value])?.[0] ?? null) : kind.default.value
    })
  return { before, row: { old: side('old'), new: side('new') } }
}

describe.each(postgresMajors())('PostgreSQL %i: the conflict rule', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    db = await ExpandedDatabase.open(major, SCHEMA)
    for (const { name, defaultSql, old, migration } of KINDS) {
      if (defaultSql !== undefined)
        await db.client.query(`alter table ${name} alter ${Object.keys(old)[0]} set default ${defaultSql}`)
      await db.expand(migration(name))
    }
  })
  afterAll(() => db.close())

  const outcomes = async (kind: Kind, cases: readonly Case[], writer: string) => {
    const { trigger, counter } = syncNames(kind.migration(kind.name))
    const [olds, news] = [Object.keys(kind.old), Object.keys(kind.new)]
    const rows = cases.flatMap(({ before }, id) =>
      before === undefined ? [] : [`(${[id, ...[...before.old, ...before.new].map(quoted)].join(', ')})`],
    )
    await db.client.query('begin')
    await db.client.query(`delete from ${kind.name}; alter table ${kind.name} disable trigger "${trigger}";
      insert into ${kind.name} (${['id', ...olds, ...news].join(', ')}) values ${rows.join(', ')};
      alter table ${kind.name} enable always trigger "${trigger}"`)
    if (writer !== '') await db.client.query(`select ${writer}`)
    const { rows: states } = await db.client.query('select * from public.run_cases($1, $2, $3)', [
      ...[kind.name, `expand_contract.${counter}`],
      JSON.stringify(cases.map((each, id) => ({ id, sql: sqlOf(kind, each, id) }))),
    ])
    const text = (columns: readonly string[]) => `array[${columns.map((column) => `${column}::text`).join(', ')}]`
    const { rows: stored } = await db.client.query(
      `select id, ${text(olds)} as old, ${text(news)} as new from public.${kind.name}`,
    )
    await db.client.query('commit')
    const byId = new Map(stored.map(({ id, ...row }) => [id, row as Row]))
    return states.map(({ id, state, counted }) => {
      const row = byId.get(id)
      return state === '00000' && row
        ? { row: { old: row.old.map(told), new: row.new.map(told) }, counted }
        : { row: undefined, counted: true }
    })
  }

  describe.each(['expand', 'switch', 'contract'] as const)('%s', (phase) => {
    test.each(KINDS)('PEERS 9, RUNNER 1: $name: every pair, every writer', async (kind) => {
      const migration = kind.migration(kind.name)
      if (phase === 'contract' && kind.defaultSql !== undefined)
        await db.client.query(`alter table ${kind.name} alter ${Object.keys(kind.old)[0]} drop default,
          alter ${Object.keys(kind.new)[0]} set default ${kind.defaultSql}`)
      await db.enter(migration, phase)
      const onOld = phase !== 'contract'
      const moved =
        typeof kind.default === 'string' ? kind.default : { value: kind.forward([kind.default.value])?.[0] ?? '' }
      const pair = { ...kind, oldDefault: onOld ? kind.default : 'none', newDefault: onOld ? 'none' : moved } as const
      const cases = casesOf(kind)
      const wanted = cases.map((each) => conflictRule[phase](pair, writeOf(kind, each, phase)))
      expect(cases.length).toBeGreaterThan(200)
      expect(cases.filter((each, id) => !inStep(kind, phase, each, wanted[id]?.row))).toEqual([])
      // The function of `switch` has the text of `expand`, but for the name of the phase.
      const writers = Object.entries(WRITERS).slice(0, phase === 'switch' ? 1 : undefined)
      for (const [name, settings] of writers) {
        const found = await outcomes(kind, cases, settings)
        const apart = cases.flatMap((each, id) =>
          JSON.stringify(found[id]) === JSON.stringify(normal(wanted[id]))
            ? []
            : [{ sql: sqlOf(kind, each, id), before: each.before, found: found[id], wanted: wanted[id] }],
        )
        expect(apart.slice(0, 5), `${apart.length} of ${cases.length} are otherwise for ${name}`).toEqual([])
      }
    })
  })
})

/** What the rule is for: what it leaves is in step, unless nobody has written either column in contract. */
function inStep(kind: Kind, phase: ModelPhase, each: Case, row: Row | undefined): boolean {
  if (row === undefined) return true
  const same = (a: Values, b: Values | undefined): boolean => a.every((value, at) => value === (b?.[at] ?? null))
  if (same(row.new, kind.forward(row.old))) return true
  if (phase !== 'contract') return false
  const untouched = each.before && same(each.before.old, row.old) && same(each.before.new, row.new)
  return untouched || same(row.old, kind.backward(row.new))
}

/** A failed statement is counted, or was going to be: its count is no promise. */
const normal = (outcome: { readonly row: Row | undefined; readonly counted: boolean } | undefined) =>
  outcome?.row === undefined ? { row: undefined, counted: true } : { row: outcome.row, counted: outcome.counted }
