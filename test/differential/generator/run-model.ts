import { createRuntime, fixedFlags, fixedPhases, type StatementEvent } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { type Contents, contents } from '../contents.ts'
import { difference, rowsDifference } from '../difference.ts'
import { SEQUENCE_START } from '../migration-kinds/stage-script.ts'
import type { ErrorSeen, Observation } from '../observation.ts'
import { observe, typeNames } from '../observe.ts'
import { recordSent } from '../record-sent.ts'
import { Tolerances } from '../tolerance.ts'
import type { Outcome } from '../trial.ts'
import type { Model } from './model.ts'
import { type PrintedStatement, printStatement } from './print-statement.ts'
import type { Statement } from './statement.ts'

/** Two databases that generated schemas are made in, one after the other. */
export interface Databases {
  readonly twinUrl: string
  readonly url: string
  readonly major: number
}

export interface GeneratedVerdict {
  readonly printed: PrintedStatement
  readonly outcome: Outcome
  readonly reasons: readonly string[]
  readonly sent: readonly string[]
  /** The twin refused it, so both must. */
  readonly invalid: string | undefined
  readonly problem: string | undefined
}

/** Makes the schema of a model in both databases, and runs statements on both; each is rolled back. */
export async function* runModel(
  databases: Databases,
  model: Model,
  statements: readonly Statement[],
): AsyncGenerator<GeneratedVerdict> {
  const { twinUrl, url, major } = databases
  const events: StatementEvent[] = []
  const { situation, migration } = model
  const runtime = await createRuntime({
    migrations: [migration],
    flags: fixedFlags({ generated: situation.flag }),
    phases: fixedPhases(situation.phase === undefined ? {} : { [migration.id]: situation.phase }),
    observer: { onStatement: (event) => void events.push(event) },
  })
  const twin = new pg.Client({ connectionString: twinUrl })
  const admin = new pg.Client({ connectionString: url })
  await Promise.all([twin.connect(), admin.connect()])
  await Promise.all([twin.query(fresh(model.twinScript)), admin.query(fresh(model.stageScript))])
  const pool = instrumentedPool(runtime, { connectionString: url, max: 1 })
  pool.on('error', () => {})
  const client = await pool.connect()
  const sent = recordSent(client)
  try {
    const [twinTypes, types] = await Promise.all([typeNames(twin), typeNames(admin)])
    for (const statement of statements) {
      const printed = printStatement(model, statement, major)
      events.length = 0
      sent.length = 0
      const reading = [...model.contents, ...(model.outOfStep === undefined ? [] : [model.outOfStep])]
      const [expected, seen] = await Promise.all([
        once(twin, printed, twinTypes, model.twinContents),
        once(client, printed, types, reading.join(';\n')),
      ])
      const problem = problemOf(printed, expected, seen, model)
      const outcomes = events.map((event) => event.outcome)
      yield {
        printed,
        outcome: (['refused', 'kept', 'rewritten'] as const).find((one) => outcomes.includes(one)) ?? 'unchanged',
        reasons: [...new Set(events.flatMap((event) => event.reasons.map((reason) => reason.code)))],
        sent: sent.filter(isApplications),
        invalid: expected.observation.kind === 'error' ? expected.observation.error.message : undefined,
        problem,
      }
    }
  } finally {
    client.release()
    await Promise.all([pool.end(), twin.end(), admin.end()])
    await runtime.close()
  }
}

/** Not what this file sends itself. */
const isApplications = (text: string): boolean => !/^(?:begin|rollback)$| as values from /u.test(text)

const fresh = (script: string): string => `drop schema public cascade; create schema public; ${script}`

interface Seen {
  readonly observation: Observation
  readonly tables: readonly Contents[]
}

async function once(
  client: pg.ClientBase,
  { sql, values, writes }: PrintedStatement,
  types: ReadonlyMap<number, string>,
  reading: string,
): Promise<Seen> {
  const step = values.length === 0 ? { sql } : { sql, values }
  if (!writes) return { observation: await observe(client, step, types), tables: [] }
  await contents(client, pg.Client, RESET)
  await client.query('begin')
  const observation = await observe(client, step, types)
  const tables = observation.kind === 'results' ? await contents(client, pg.Client, reading) : []
  await client.query('rollback')
  return { observation, tables }
}

const RESET = `select setval(oid::regclass, ${SEQUENCE_START})::text as what, null as values from pg_class
  where relkind = 'S' and relnamespace = 'public'::regnamespace`

/**
 * A message does not say of which table the column in it is. So where another table has a column of the shadow's name, and
 * the message is about that one, it is told with the logical name all the same: the statement fails for the same reason.
 */
function namesAnother(twin: ErrorSeen, here: ErrorSeen, { app, migration }: Model): boolean {
  const logical = migration[app][0]?.name ?? ''
  return migration[app === 'old' ? 'new' : 'old'].some(
    ({ name }) =>
      twin.code === here.code &&
      twin.message.includes(`"${name}"`) &&
      twin.message.replaceAll(`"${name}"`, `"${logical}"`) === here.message,
  )
}

function problemOf(printed: PrintedStatement, expected: Seen, seen: Seen, model: Model): string | undefined {
  const [twin, here] = [expected.observation, seen.observation]
  // What PostgreSQL would refuse may be refused before it is sent; how often is counted.
  if (here.kind === 'refused') return undefined
  if (twin.kind === 'error' && here.kind === 'error' && namesAnother(twin.error, here.error, model)) return undefined
  const tolerances = new Tolerances(printed, model)
  const found = difference(twin, here, { ordered: printed.ordered, shapeOnly: false, tolerances })
  if (found !== undefined) return found
  // An error that may be none here, as that of a parameter of two types, has left no rows to compare with.
  if (twin.kind === 'error') return undefined
  const { tables } = expected
  const sides = tables.length * model.contents.length
  for (const [index, table] of seen.tables.slice(0, sides).entries()) {
    const twinTable = tables[index % tables.length]
    const what = `final ${table.what} of side ${model.situation.written[Math.floor(index / tables.length)]}`
    const apart = rowsDifference(what, twinTable?.rows ?? [], table.rows, {
      ordered: false,
      tolerances,
    })
    if (apart !== undefined) return apart
  }
  const outOfStep = seen.tables[sides]?.rows[0]?.[0] ?? '0'
  return outOfStep === '0' ? undefined : `rows whose two sides are not in step: ${outOfStep}`
}
