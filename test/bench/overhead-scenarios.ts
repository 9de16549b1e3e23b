import type pg from 'pg'
import { inTheClient, sameQuery } from './in-the-client.ts'
import type { Scenario } from './scenario.ts'
import { sends } from './sends.ts'
import { ROWS, type Subject } from './subjects.ts'

type Query = (turn: number) => pg.QueryConfig

const key = (turn: number): number => 1 + ((turn * 7919) % ROWS)
const byKey = (table: string, name?: string): Query => {
  const text = `select id, name, city from ${table} where id = $1`
  return (turn) => ({ ...(name && { name }), text, values: [key(turn)] })
}
const always = (text: string): Query => {
  const config = { text }
  return () => config
}

type Run = Parameters<typeof sends>[0]['run']
const asking =
  (query: Query): Run =>
  (client, turn) =>
    client.query(query(turn))
const inRequest =
  (query: Query): Run =>
  (client, turn, { runtime }: Subject) =>
    runtime.withContext({ userId: '42' }, () => client.query(query(turn)))

const OTHER_TABLES = { microseconds: 1 }
const CACHED = { microseconds: 5, percent: 2 }

/** The same statement on pg as it is, and through the library. */
const otherTable = (name: string, query: Query): Scenario => ({
  group: 'other tables',
  name,
  target: OTHER_TABLES,
  variants: [
    sends({ name: 'bare pg', kind: 'bare', run: asking(query) }),
    sends({ name: 'through', kind: 'through', run: asking(query) }),
  ],
})

/** A statement on a migrating table: the same text on pg as it is, which reads the old column. */
const migratingTable = (name: string, reads: 'old' | 'new', query: Query, wrap = asking): Scenario => ({
  group: 'migrating table',
  name,
  target: CACHED,
  variants: [
    sends({ name: 'bare pg', kind: 'bare', run: asking(query) }),
    sends({ name: 'through', kind: 'through', reads, run: wrap(query) }),
  ],
})

const SELECT_1 = otherTable('select 1', always('select 1'))
const OTHER_NAMED = otherTable('key look-up, named', byKey('others', 'other-by-id'))
const MIGRATING = migratingTable('key look-up, reads new', 'new', byKey('customers'))
const MIGRATING_NAMED = migratingTable('key look-up, reads new, named', 'new', byKey('customers', 'customer-by-id'))

const othersInTheClient = ({ group, name }: Scenario, query: pg.QueryConfig): Scenario =>
  inTheClient({ group, name, sent: sameQuery(query), reads: 'new', target: OTHER_TABLES })
const migratingInTheClient = ({ group, name }: Scenario, query: pg.QueryConfig): Scenario =>
  inTheClient({ group, name, sent: sameQuery(query), reads: 'new', target: { microseconds: CACHED.microseconds } })

export const overheadScenarios: readonly Scenario[] = [
  {
    group: 'other tables',
    name: 'noise: bare pg against itself',
    variants: [
      sends({ name: 'bare pg', kind: 'bare', run: asking(byKey('others')) }),
      sends({ name: 'bare pg again', kind: 'bare', run: asking(byKey('others')) }),
    ],
  },
  SELECT_1,
  othersInTheClient(SELECT_1, { text: 'select 1' }),
  inTheClient({
    group: SELECT_1.group,
    name: SELECT_1.name,
    sent: sameQuery({ text: 'select 1' }),
    reads: 'new',
    cold: true,
  }),
  otherTable('key look-up', byKey('others')),
  OTHER_NAMED,
  othersInTheClient(OTHER_NAMED, byKey('others', 'other-by-id')(7)),
  migratingTable('key look-up, reads old', 'old', byKey('customers')),
  MIGRATING,
  migratingInTheClient(MIGRATING, byKey('customers')(7)),
  inTheClient({
    group: MIGRATING.group,
    name: MIGRATING.name,
    sent: sameQuery(byKey('customers')(7)),
    reads: 'new',
    cold: true,
  }),
  MIGRATING_NAMED,
  migratingInTheClient(MIGRATING_NAMED, byKey('customers', 'customer-by-id')(7)),
  migratingTable('key look-up in a request, reads new', 'new', byKey('customers'), inRequest),
  {
    group: 'migrating table',
    name: 'the catalog check, as every process makes it twice a second',
    variants: [
      sends({ name: 'not due', kind: 'through', run: asking(byKey('customers')) }),
      sends({ name: 'due', kind: 'checking', run: asking(byKey('customers')) }),
    ],
  },
]
