import type pg from 'pg'
import { inTheClient, sameQuery } from './in-the-client.ts'
import type { Variant } from './interleave.ts'
import type { Scenario } from './scenario.ts'
import { ROWS, type Subjects } from './subjects.ts'

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

const sends = (name: string, client: pg.Client, query: Query): Variant => ({
  name,
  run: (turn) => client.query(query(turn)),
})

/** The same statement on pg as it is, and through the waist. */
const sameStatement =
  (query: Query) =>
  ({ bare, through }: Subjects): readonly Variant[] => [sends('bare pg', bare, query), sends('through', through, query)]

const OTHER_TABLES = { microseconds: 1 }
const CACHED = { microseconds: 5, percent: 2 }

const SELECT_1: Scenario = {
  group: 'other tables',
  name: 'select 1',
  target: OTHER_TABLES,
  variants: sameStatement(always('select 1')),
}
const OTHER_NAMED: Scenario = {
  group: 'other tables',
  name: 'key look-up, named',
  target: OTHER_TABLES,
  variants: sameStatement(byKey('others', 'other-by-id')),
}
const MIGRATING = readingCustomers('key look-up, reads new', true, byKey('customers'))
const MIGRATING_NAMED = readingCustomers('key look-up, reads new, named', true, byKey('customers', 'customer-by-id'))

const othersInTheClient = ({ group, name }: Scenario, query: pg.QueryConfig): Scenario =>
  inTheClient({ group, name, sent: sameQuery(query), reads: 'new', target: OTHER_TABLES })
const migratingInTheClient = ({ group, name }: Scenario, query: pg.QueryConfig): Scenario =>
  inTheClient({ group, name, sent: sameQuery(query), reads: 'new', target: { microseconds: CACHED.microseconds } })

export const overheadScenarios: readonly Scenario[] = [
  {
    group: 'other tables',
    name: 'noise: bare pg against itself',
    variants: ({ bare, bareAgain }) => [
      sends('bare pg', bare, byKey('others')),
      sends('bare pg again', bareAgain, byKey('others')),
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
  { group: 'other tables', name: 'key look-up', target: OTHER_TABLES, variants: sameStatement(byKey('others')) },
  OTHER_NAMED,
  othersInTheClient(OTHER_NAMED, byKey('others', 'other-by-id')(7)),
  readingCustomers('key look-up, reads old', false, byKey('customers')),
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
  readingCustomers('key look-up in a request, reads new', true, byKey('customers'), inRequest),
  {
    group: 'migrating table',
    name: 'the catalog check, as every process makes it twice a second',
    variants: ({ through, checking }) => [
      sends('not due', through, byKey('customers')),
      sends('due', checking, byKey('customers')),
    ],
  },
]

type Wrap = (subjects: Subjects, run: Variant['run']) => Variant['run']

function inRequest({ runtime }: Subjects, run: Variant['run']): Variant['run'] {
  return (turn) => runtime.withContext({ userId: '42' }, () => run(turn))
}

/** A statement on a migrating table: the same text on pg as it is, which reads the old column. */
function readingCustomers(name: string, readNew: boolean, query: Query, wrap: Wrap = (_, run) => run): Scenario {
  return {
    group: 'migrating table',
    name,
    target: CACHED,
    prepare: async ({ readNew: set }) => set(readNew),
    variants: (subjects) => {
      const [bare, through] = sameStatement(query)(subjects)
      if (bare === undefined || through === undefined) return []
      return [bare, { ...through, run: wrap(subjects, through.run) }]
    },
  }
}
