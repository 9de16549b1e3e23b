import type pg from 'pg'
import { BY_HAND } from './interleave.ts'
import { PARSING_ALONE, ROLLED_BACK, type Scenario, type Target, type Variant } from './scenario.ts'
import { sends } from './sends.ts'
import { ROWS } from './subjects.ts'

interface Cold {
  readonly name: string
  /** A text that was never sent before, for every number. */
  text(turn: number, variant: number): string
  /** Whether parsing is measured besides where a statement is sent after each, which leaves little of the parser in the processor's caches. */
  readonly inBetween?: boolean
  /** The same with both columns. */
  readonly byHand?: Cold['text']
  readonly values?: (turn: number, variant: number) => readonly unknown[]
  readonly turns?: number
  readonly warmUp?: number
  /** @defaultValue four times what parsing takes */
  readonly target?: Target
}

const WHOLE: Target = { timesParsing: 4 }

const someRow = (turn: number): number => 1 + ((turn * 7919) % ROWS)
/** Keys that no other scenario has left behind. */
const FIRST_NEW = 10_000_000
const newRow = (turn: number, variant: number): number => FIRST_NEW + turn * 2 + variant

/** Every text has keys of its own. */
const insertOf =
  (rows: number, both = false) =>
  (turn: number, variant: number): string => {
    const first = FIRST_NEW + (turn * 3 + variant) * rows
    const values = Array.from({ length: rows }, (_, row) => {
      const id = first + row
      return `(${id}, 'cold${id}@example.org', 'Customer ${id}', 'Lima'${both ? `, 'Customer ${id}'` : ''})`
    })
    return `insert into customers (id, email, name, city${both ? ', full_name' : ''}) values ${values.join(', ')}`
  }

const STATEMENTS: readonly Cold[] = [
  {
    name: 'key look-up',
    text: (turn) => `select id, name from customers where id = $1 /* ${turn} */`,
    values: (turn) => [someRow(turn)],
  },
  {
    name: 'key look-up, values inlined',
    text: (turn) =>
      `select "c0".* from "customers" as "c0" where "c0"."id" = ${someRow(turn)} and "c0"."name" <> 'x${turn}'`,
  },
  {
    name: 'join',
    text: (turn) =>
      `select c.id, c.name, sum(o.quantity) from customers c join orders o on o.customer_id = c.id
       where c.id = $1 and o.quantity >= ${turn % 2} group by c.id, c.name order by c.name limit 10 /* ${turn} */`,
    values: (turn) => [someRow(turn)],
  },
  {
    name: 'insert',
    text: (turn) =>
      `insert into customers (id, email, name, city) values ($1, $2, $3, $4) returning id, name /* ${turn} */`,
    values: (turn, variant) => {
      const id = newRow(turn, variant)
      return [id, `cold${id}@example.org`, `Customer ${id}`, 'Lima']
    },
  },
  {
    name: 'upsert',
    text: (turn) =>
      `insert into customers (id, email, name, city) values ($1, $2, $3, $4)
       on conflict (id) do update set name = excluded.name, city = excluded.city returning * /* ${turn} */`,
    values: (turn, variant) => {
      const id = newRow(turn, variant)
      return [id, `cold${id}@example.org`, `Customer ${id}`, 'Lima']
    },
  },
  {
    name: 'update',
    text: (turn) => `update customers set name = $2, city = $3 where id = $1 /* ${turn} */`,
    values: (turn, variant) => [1 + ((turn * 7919 * 2 + variant) % ROWS), `Customer ${turn}`, 'Kyoto'],
  },
  {
    name: 'list of any length, values inlined',
    text(turn) {
      const names = Array.from({ length: 1 + (turn % 50) }, (_, n) => `'Customer ${turn * 50 + n}'`)
      return `select id, name from customers where name in (${names.join(', ')})`
    },
  },
  {
    name: 'key look-up of a shape that never came before',
    text: (turn) => `select id, name as "name ${turn}" from customers where id = $1`,
    inBetween: true,
    values: (turn) => [someRow(turn)],
  },
  {
    name: 'insert of 1,000 rows, values inlined',
    text: insertOf(1_000),
    byHand: insertOf(1_000, true),
    turns: 5,
    warmUp: 100,
  },
  {
    name: 'insert of 10,000 rows, values inlined',
    text: insertOf(10_000),
    byHand: insertOf(10_000, true),
    turns: 2,
    // The compiler is at the end after some 25.
    warmUp: 30,
    target: { percent: 30 },
  },
]

/** Nothing is sent. */
const parsing = (text: (turn: number) => string): Variant => ({
  name: PARSING_ALONE,
  async open() {
    const { parseAlone } = await import('./parse-alone.ts')
    return { run: async (turn) => parseAlone(text(turn)), execute: async () => {}, close: async () => {} }
  },
})

/** Parses each text before it is sent. */
const parsingToo = (text: Cold['text'], sent: Variant): Variant => ({
  name: sent.name,
  async open(url) {
    const { parseAlone } = await import('./parse-alone.ts')
    const { run, ...opened } = await sent.open(url)
    return {
      ...opened,
      async run(turn) {
        parseAlone(text(turn, 0))
        await run(turn)
      },
    }
  },
})

/** Texts that come once: `through` parses and plans each. Parsing alone, by the same parser, is what cannot be saved. */
export const coldPathScenarios: readonly Scenario[] = STATEMENTS.map(
  ({ name, text, inBetween, byHand, values, turns, warmUp, target = WHOLE }) => {
    const sending =
      (variant: number, sent = text) =>
      (client: pg.Client, turn: number) =>
        client.query(sent(turn, variant), [...(values?.(turn, variant) ?? [])])
    return {
      group: 'cold path',
      name,
      target,
      ...(turns && { turns }),
      ...(warmUp && { warmUp }),
      prepare: 'vacuum customers',
      around: ROLLED_BACK,
      variants: [
        sends({ name: 'bare pg', kind: 'bare', run: sending(0) }),
        sends({ name: 'through', kind: 'through', reads: 'new', run: sending(1) }),
        ...(inBetween
          ? [parsingToo(text, sends({ name: 'bare pg, and parsing', kind: 'bare', run: sending(0) }))]
          : []),
        ...(byHand ? [sends({ name: BY_HAND, kind: 'bare', run: sending(2, byHand) })] : []),
        parsing((turn) => text(turn, 3)),
      ],
    }
  },
)
