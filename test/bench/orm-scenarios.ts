import type { Variant } from './interleave.ts'
import type { OrmDatabase, OrmKind, OrmTables } from './orm-database.ts'
import type { Scenario } from './scenario.ts'
import { ROWS, type Subjects } from './subjects.ts'

/** Loaded where they are measured: every thread would start with both otherwise. */
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
  run(database: OrmDatabase, tables: OrmTables, row: number): Promise<unknown>
}

const OPERATIONS: readonly Operation[] = [
  { name: 'find by key', writes: false, run: (database, tables, row) => database.find(tables, 1 + (row % ROWS)) },
  { name: 'list with a join', writes: false, run: (database, tables, row) => database.list(tables, 1 + (row % ROWS)) },
  { name: 'insert', writes: true, run: (database, tables, row) => database.insert(tables, ROWS + 1 + row) },
  { name: 'update', writes: true, run: (database, tables, row) => database.update(tables, 1 + (row % ROWS)) },
]

/** As `without`, but the application writes both columns itself. */
const BY_HAND = 'both properties by hand'

function scenario(orm: Orm, operation: Operation, place: string): Scenario {
  const tables = TABLES[place] ?? 'other'
  const base = tables === 'migrating' && operation.writes ? BY_HAND : 'without'
  const open: OrmDatabase[] = []
  return {
    group: orm,
    name: `${operation.name}, ${place}`,
    target: { percent: 2 },
    turns: 100,
    warmUp: 3_000,
    async prepare({ url }: Subjects) {
      open.push(await ORMS[orm](url, base === BY_HAND ? 'by hand' : 'bare'), await ORMS[orm](url, 'through'))
    },
    around: () => {
      const all = (text: string) => () => Promise.all(operation.writes ? open.map((each) => each.execute(text)) : [])
      return { begin: all('begin'), end: all('rollback') }
    },
    close: async () => {
      for (const each of open) await each.close()
    },
    variants: () =>
      open.map(
        (database, index): Variant => ({
          name: index === 0 ? base : 'through',
          run: (turn) => operation.run(database, tables, turn * 7919 * 2 + index),
        }),
      ),
  }
}

export const ormScenarios: readonly Scenario[] = (Object.keys(ORMS) as Orm[]).flatMap((orm) =>
  OPERATIONS.flatMap((operation) => Object.keys(TABLES).map((place) => scenario(orm, operation, place))),
)
