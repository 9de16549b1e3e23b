import type pg from 'pg'
import { inTheClient } from './in-the-client.ts'
import { type Around, ROLLED_BACK, type Scenario } from './scenario.ts'
import { sends } from './sends.ts'
import { ROWS } from './subjects.ts'

/** Every variant writes rows of its own, spread over the table. */
const row = (turn: number, variant: number): number => 1 + ((turn * 7919 * 4 + variant) % ROWS)

interface Write {
  readonly name: string
  /** On pg as it is, to both columns. */
  readonly byHand: string
  /** As the application writes it. */
  readonly logical: string
  /** On pg as it is, in the table that has the old column only. */
  readonly single: string
  values(turn: number, variant: number): readonly unknown[]
}

const WRITES: readonly Write[] = [
  {
    name: 'update of the renamed column',
    byHand: 'update customers set name = $2, full_name = $2 where id = $1',
    logical: 'update customers set name = $2 where id = $1',
    single: 'update others set name = $2 where id = $1',
    values: (turn, variant) => [row(turn, variant), `Customer number ${turn}`],
  },
  {
    name: 'update of the retyped column',
    byHand: 'update orders set quantity = $2, quantity_big = ($2::int4)::int8 where id = $1',
    logical: 'update orders set quantity = $2 where id = $1',
    single: 'update other_sales set quantity = $2 where id = $1',
    values: (turn, variant) => [row(turn, variant), turn % 1_000],
  },
  {
    name: 'insert of one row',
    byHand: 'insert into customers (id, email, name, full_name, city) values ($1, $2, $3, $3, $4)',
    logical: 'insert into customers (id, email, name, city) values ($1, $2, $3, $4)',
    single: 'insert into others (id, email, name, city) values ($1, $2, $3, $4)',
    values: (turn, variant) => {
      const id = ROWS + 1 + turn * 4 + variant
      return [id, `new${id}@example.org`, `Customer number ${id}`, 'Lima']
    },
  },
]

/** Both columns are unique, so that it goes between savepoints in a transaction. */
const UPSERT: Write = {
  name: 'upsert of a unique column',
  byHand:
    'insert into members (login, login_name) values ($1, $1) on conflict (login) do update set hits = members.hits + 1',
  logical: 'insert into members (login) values ($1) on conflict (login) do update set hits = members.hits + 1',
  single: 'insert into guests (login) values ($1) on conflict (login) do update set hits = guests.hits + 1',
  values: (turn, variant) => [`login${row(turn, variant)}`],
}

/** Commits that are not waited for, since there are many. */
const NOT_WAITED_FOR: Around = { begin: 'set synchronous_commit = off', end: 'reset synchronous_commit' }

const scenario = (write: Write, name: string): Scenario => {
  const { byHand, logical, single, values } = write
  const sending = (text: string, variant: number) => (client: pg.Client, turn: number) =>
    client.query(text, [...values(turn, variant)])
  return {
    group: 'dual write',
    name,
    target: { percent: 3 },
    prepare: 'vacuum customers, orders, others, other_sales, members, guests',
    variants: [
      sends({ name: 'by hand', kind: 'bare', run: sending(byHand, 0) }),
      sends({ name: 'through', kind: 'through', run: sending(logical, 1) }),
      sends({ name: 'one column', kind: 'bare', run: sending(single, 2) }),
    ],
  }
}

const toldOnly = ({ target: _, ...rest }: Scenario): Scenario => rest

/** The same, without the network and the server. */
const clientScenario = ({ name, byHand, logical, values }: Write, cold: boolean): Scenario =>
  inTheClient({
    group: 'dual write',
    name,
    sent: [
      { name: 'by hand', kind: 'bare', query: { text: byHand, values: [...values(0, 0)] } },
      { name: 'through', kind: 'through', query: { text: logical, values: [...values(0, 1)] } },
    ],
    reads: 'old',
    inTransaction: true,
    cold,
  })

export const dualWriteScenarios: readonly Scenario[] = WRITES.flatMap((write) => [
  { ...scenario(write, write.name), around: ROLLED_BACK },
  { ...scenario(write, `${write.name}, each committed`), turns: 100, aroundWarmUp: NOT_WAITED_FOR },
  ...(write.name.startsWith('update') ? [clientScenario(write, false), clientScenario(write, true)] : []),
]).concat(
  { ...toldOnly(scenario(UPSERT, UPSERT.name)), around: ROLLED_BACK },
  { ...toldOnly(scenario(UPSERT, `${UPSERT.name}, each committed`)), turns: 100, aroundWarmUp: NOT_WAITED_FOR },
)
