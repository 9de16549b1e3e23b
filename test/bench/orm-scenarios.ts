import type { OrmDatabase, OrmKind, OrmTables } from './orm-database.ts'
import { ROLLED_BACK, type Scenario, type Variant } from './scenario.ts'
import { ROWS } from './subjects.ts'

/** Loaded where they are measured: every process would start with both otherwise. */
const ORMS = {
  TypeORM: async (url: string, kind: OrmKind) => (await import('./typeorm-database.ts')).typeormDatabase(url, kind),
  Drizzle: async (url: string, kind: OrmKind) => (await import('./drizzle-database.ts')).drizzleDatabase(url, kind),
} as const
type Orm = keyof typeof ORMS

/** Which of the tables an operation is on: `others`, or those with migrating columns. */
const TABLES: Readonly<Record<string, OrmTables>> = {
  'no migrating table touched': 'other',
  'migrating table, reads new': 'migrating',
}

interface Operation {
  readonly name: string
  readonly writes: boolean
  /** `variant`: of those that run in turns, each of which writes rows of its own. */
  run(database: OrmDatabase, tables: OrmTables, turn: number, variant: number): Promise<unknown>
}

const someRow = (turn: number, variant: number): number => 1 + ((turn * 7919 * 2 + variant) % ROWS)
const newRow = (turn: number, variant: number): number => ROWS + 1 + turn * 2 + variant

const OPERATIONS: readonly Operation[] = [
  { name: 'find by key', writes: false, run: (database, tables, ...turn) => database.find(tables, someRow(...turn)) },
  {
    name: 'list with a join',
    writes: false,
    run: (database, tables, ...turn) => database.list(tables, someRow(...turn)),
  },
  { name: 'insert', writes: true, run: (database, tables, ...turn) => database.insert(tables, newRow(...turn)) },
  { name: 'update', writes: true, run: (database, tables, ...turn) => database.update(tables, someRow(...turn)) },
]

/** As `without`, but the application writes both columns itself. */
const BY_HAND = 'both properties by hand'

function scenario(orm: Orm, operation: Operation, place: string): Scenario {
  const tables = TABLES[place] ?? 'other'
  const byHand = tables === 'migrating' && operation.writes
  const running = (name: string, kind: OrmKind, index: number): Variant => ({
    name,
    async open(url) {
      const database = await ORMS[orm](url, kind)
      const { execute, close } = database
      return { run: (turn) => operation.run(database, tables, turn, index), execute, close }
    },
  })
  return {
    group: orm,
    name: `${operation.name}, ${place}`,
    target: { percent: 2 },
    ...(operation.writes && { around: ROLLED_BACK }),
    variants: [
      byHand ? running(BY_HAND, 'by hand', 0) : running('without', 'bare', 0),
      running('through', 'through', 1),
    ],
  }
}

export const ormScenarios: readonly Scenario[] = (Object.keys(ORMS) as Orm[]).flatMap((orm) =>
  OPERATIONS.flatMap((operation) => Object.keys(TABLES).map((place) => scenario(orm, operation, place))),
)
