import { threadId } from 'node:worker_threads'
import type pg from 'pg'
import { inTheClient } from './in-the-client.ts'
import type { Scenario } from './scenario.ts'
import { ROWS, type Subjects } from './subjects.ts'

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

/** All of them on connections that are each in one transaction per round, which is rolled back: the commit is not in it. */
const inTransactions = ({ bare, bareAgain, through }: Subjects) => {
  const all = (text: string): Promise<unknown> => Promise.all([bare, bareAgain, through].map((db) => db.query(text)))
  return { begin: () => all('begin'), end: () => all('rollback') }
}

const scenario = (write: Write, name: string): Scenario => ({
  group: 'dual write',
  name,
  target: { percent: 3 },
  async prepare({ bare, readNew }) {
    readNew(false)
    await bare.query('vacuum customers, orders, others, other_sales')
  },
  variants: ({ bare, bareAgain, through }) => {
    const send = (client: pg.Client, text: string, variant: number) => (turn: number) =>
      client.query(text, [...write.values(turn, variant)])
    return [
      { name: 'by hand', run: send(bare, write.byHand, 0) },
      { name: 'through', run: send(through, write.logical, 1) },
      { name: 'one column', run: send(bareAgain, write.single, 2) },
    ]
  },
})

/** The same, without the network and the server. */
const clientScenario = ({ name, byHand, logical, values }: Write, cold: boolean): Scenario => {
  const of = (text: string, variant: number): pg.QueryConfig => ({
    text,
    values: [...values(threadId, variant)],
  })
  return inTheClient({
    group: 'dual write',
    name,
    sent: [
      { variant: 'by hand', kind: 'bare', query: of(byHand, 0) },
      { variant: 'through', kind: 'through', query: of(logical, 1) },
    ],
    reads: 'old',
    inTransaction: true,
    cold,
  })
}

export const dualWriteScenarios: readonly Scenario[] = WRITES.flatMap((write) => [
  { ...scenario(write, write.name), around: inTransactions },
  { ...scenario(write, `${write.name}, each committed`), turns: 100, aroundWarmUp: inTransactions },
  ...(write.name.startsWith('update') ? [clientScenario(write, false), clientScenario(write, true)] : []),
])
