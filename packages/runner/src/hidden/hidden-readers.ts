import { appendEvent, type Control, type Operator, readEvents, readInventory } from '@expand-contract/control'
import { textWithoutValues } from '@expand-contract/sql'
import { readTextFunctions } from '../contract/dependents.ts'
import type { GateFacts } from '../gates/gate.ts'
import { readShape } from '../rows/read-shape.ts'
import { type CountedStatement, readCountedStatements } from './counted-statements.ts'
import { SESSIONS_QUERY } from './hidden-query.ts'
import { oldNames } from './old-names.ts'

/** Somebody who names an old column by its old name, so that it fails, or would fail, while the column is held. */
export interface HiddenReader {
  /** `session` (what it sent last), `statement` (counted by the server), `process` (of the fleet), `function` (its text). */
  readonly kind: 'session' | 'statement' | 'process' | 'function'
  /** `psql as dba_tom, pid 4711`; `web-1`; `public.greet()`. */
  readonly who: string
  /** Without values; undefined where it cannot be told what is a value. */
  readonly statement: string | undefined
  /** When it was seen last; undefined: it is there, whenever it runs. */
  readonly at: Date | undefined
}

export interface HiddenReaders {
  readonly since: Date
  readonly found: readonly HiddenReader[]
  /** Whether pg_stat_statements could be asked. */
  readonly counted: boolean
  /** Sessions whose statements the role may not see. */
  readonly unseen: number
  /** Transactions of the database that were rolled back since then; undefined where nobody has looked before. A hint, and no proof. */
  readonly rollbacks: number | undefined
}

export interface LookForHidden {
  /** From when on. */
  readonly since: Date
  /** Writes down who was found, in this name. @defaultValue nothing is written */
  readonly operator?: Operator | undefined
}

const BASELINE = 'hidden-baseline'
const SEEN = 'hidden-reader'

/**
 * Who still names an old column, by all that the server shows: what sessions sent last, what pg_stat_statements has counted since the baseline, the
 * statements that the fleet reports, texts of functions; and who was written down by an earlier look.
 */
export async function readHiddenReaders(
  { control, client, migration }: GateFacts,
  { since, operator }: LookForHidden,
): Promise<HiddenReaders> {
  const { id } = migration
  const { shape } = await readShape(client, migration, control.schema)
  const names = oldNames(shape)
  const server = await readServer(client, since)
  const counted = await readCountedStatements(client, names)
  const before = await readBaseline(control, id, since)
  const seen: readonly HiddenReader[] = [
    ...server.sessions.filter(({ text }) => names.in(text)).map(sessionReader),
    ...(await processes(control, { id, since })),
    ...(before === undefined ? [] : risen(counted ?? [], before.calls)),
  ]
  const functions = await readTextFunctions(client, shape)
  const earlier = (await readEvents(control, { migration: id, kind: SEEN, since, limit: 200 })).map(readerOf)
  const added = seen.filter((one) => !earlier.some((other) => sameReader(one, other)))
  if (operator !== undefined)
    for (const { kind, who, statement, at } of added) {
      // The others are found again by every look.
      if (at === undefined) continue
      const figures = { kind, who, statement, at: at.toISOString() }
      await appendEvent(control, { ...operator, migration: id, kind: SEEN, figures })
    }
  return {
    since,
    found: [
      ...added,
      ...earlier,
      ...functions.map(
        ({ name }): HiddenReader => ({ kind: 'function', who: name, statement: undefined, at: undefined }),
      ),
    ].toSorted((one, other) => Number(other.at ?? 0) - Number(one.at ?? 0)),
    counted: counted !== undefined,
    unseen: server.unseen,
    rollbacks: before === undefined ? undefined : Math.max(0, server.rollbacks - before.rollbacks),
  }
}

/** What later looks are compared with: how often the server has counted texts with the old names, and rollbacks. Taken when the columns are set aside. */
export async function recordHiddenBaseline(
  { control, client, migration }: GateFacts,
  operator: Operator,
): Promise<void> {
  const { shape } = await readShape(client, migration, control.schema)
  const counted = await readCountedStatements(client, oldNames(shape))
  const { rollbacks } = await readServer(client, new Date())
  const calls = Object.fromEntries((counted ?? []).map((each) => [each.id, each.calls]))
  await appendEvent(control, {
    ...{ ...operator, migration: migration.id, kind: BASELINE },
    figures: { rollbacks, calls },
  })
}

interface Session {
  readonly pid: number
  readonly application: string
  readonly role: string | null
  readonly state: string | null
  readonly at: string
  readonly text: string
}

async function readServer(
  client: GateFacts['client'],
  since: Date,
): Promise<{ readonly sessions: readonly Session[]; readonly unseen: number; readonly rollbacks: number }> {
  const { rows } = await client.query(SESSIONS_QUERY, [since.toISOString()])
  const { sessions, unseen, rollbacks } = JSON.parse(String(rows[0]?.found)) as {
    readonly sessions: readonly Session[] | null
    readonly unseen: number
    readonly rollbacks: number
  }
  return { sessions: sessions ?? [], unseen, rollbacks }
}

const sessionReader = ({ pid, application, role, state, at, text }: Session): HiddenReader => ({
  kind: 'session',
  who: `${application === '' ? 'a session' : application} as ${role ?? '?'}, pid ${pid}${state === null || state === 'idle' || state === 'active' ? '' : `, ${state}`}`,
  statement: textWithoutValues(text),
  at: new Date(at),
})

/** What the fleet reports, which could not be rewritten. */
async function processes(
  control: Control,
  { id, since }: { readonly id: string; readonly since: Date },
): Promise<readonly HiddenReader[]> {
  const statements = await readInventory(control, { migration: id, blocking: true, since })
  return statements.map(({ lastInstance, text, lastSeen }) => ({
    ...{ kind: 'process', who: lastInstance, statement: text ?? undefined, at: lastSeen },
  }))
}

/** Those that were run since; a counter that stands lower was set back meanwhile. */
const risen = (
  counted: readonly CountedStatement[],
  before: Readonly<Record<string, number>>,
): readonly HiddenReader[] =>
  counted
    .filter(({ id, calls }) => calls !== (before[id] ?? 0))
    .map(({ role, text }) => ({
      ...{ kind: 'statement', who: `a statement of ${role ?? '?'}`, statement: textWithoutValues(text), at: undefined },
    }))

async function readBaseline(
  control: Control,
  migration: string,
  since: Date,
): Promise<{ readonly calls: Readonly<Record<string, number>>; readonly rollbacks: number } | undefined> {
  const last = (await readEvents(control, { migration, kind: BASELINE, limit: 1 })).at(-1)
  if (last === undefined || last.at < since) return undefined
  return { calls: Object(last.figures.calls), rollbacks: Number(last.figures.rollbacks ?? 0) }
}

const readerOf = ({ figures, at }: { readonly figures: Readonly<Record<string, unknown>>; readonly at: Date }) =>
  ({
    kind: String(figures.kind),
    who: String(figures.who),
    statement: figures.statement === undefined ? undefined : String(figures.statement),
    at: typeof figures.at === 'string' ? new Date(figures.at) : at,
  }) as HiddenReader

const sameReader = (one: HiddenReader, other: HiddenReader): boolean =>
  one.kind === other.kind && one.who === other.who && one.at?.getTime() === other.at?.getTime()
