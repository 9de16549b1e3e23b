import type pg from 'pg'
import { answerFromMemory, emptyCaches } from './client-time.ts'
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

/**
 * One query, again and again, with the client's own time instead of the time until the answer. `cold`: an application has
 * done so much in between that nothing of the client is left in the processor's caches.
 */
function inTheClient({ group, name }: Pick<Scenario, 'group' | 'name'>, query: pg.QueryConfig, cold = false): Scenario {
  const clients: pg.Client[] = []
  const sending = (variant: string, client: pg.Client): Variant => ({
    ...sends(variant, client, () => query),
    ...(cold && { before: emptyCaches }),
  })
  return {
    group,
    name: `${name}: time in the client${cold ? ', caches empty' : ''}`,
    ...(!cold && {
      target: { microseconds: group === 'other tables' ? OTHER_TABLES.microseconds : CACHED.microseconds },
    }),
    async prepare({ connect, readNew }) {
      readNew(true)
      clients.push(...(await Promise.all([connect('bare'), connect('through')])))
      for (const client of clients) await answerFromMemory(client, query)
    },
    variants: () => {
      const [bare, through] = clients
      if (bare === undefined || through === undefined) return []
      return [sending('bare pg', bare), sending('through', through)]
    },
  }
}

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
  inTheClient(SELECT_1, { text: 'select 1' }),
  inTheClient(SELECT_1, { text: 'select 1' }, true),
  { group: 'other tables', name: 'key look-up', target: OTHER_TABLES, variants: sameStatement(byKey('others')) },
  OTHER_NAMED,
  inTheClient(OTHER_NAMED, byKey('others', 'other-by-id')(7)),
  readingCustomers('key look-up, reads old', false, byKey('customers')),
  MIGRATING,
  inTheClient(MIGRATING, byKey('customers')(7)),
  inTheClient(MIGRATING, byKey('customers')(7), true),
  MIGRATING_NAMED,
  inTheClient(MIGRATING_NAMED, byKey('customers', 'customer-by-id')(7)),
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
