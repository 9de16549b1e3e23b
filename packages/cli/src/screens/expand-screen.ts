import type { Migration } from '@expand-contract/core'
import type { Blocker } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { durationText } from '../output/duration.ts'
import { databaseText } from './head.ts'
import { hanging, padded, table } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface StepState {
  readonly name: string
  readonly state: 'done' | 'running' | 'after'
  readonly detail: string
}

export interface LockWait {
  readonly transaction: string
  /** Tries that have failed so far. */
  readonly tries: number
  readonly retryAt: Date
  readonly blockers: readonly Blocker[]
  readonly lock: string
  readonly tables: readonly string[]
  readonly lockTimeoutMs: number
  readonly giveUpAt: Date
  /** It is no lock that others queue behind: an index waits for transactions that are older than it, for so long. */
  readonly buildingMs?: number
}

export interface StepsView {
  /** `Expand`, `Roll back`. */
  readonly verb: string
  readonly migration: Migration
  readonly database: DatabaseFacts
  readonly steps: readonly StepState[]
  readonly waiting: LockWait | undefined
  readonly now: Date
}

const MARKS: Readonly<Record<StepState['state'], string>> = { done: '[ok]', running: '[..]', after: '[  ]' }

const until = (at: Date, now: Date): string => durationText(Math.max(0, at.getTime() - now.getTime()))

/** Steps with what they do, and for whom the one that runs waits. */
export function stepsScreen(
  { verb, migration, database, steps, waiting, now }: StepsView,
  options: ScreenOptions,
): string {
  const { width } = options
  const wide = Math.min(30, Math.max(...steps.map(({ name }) => name.length)))
  return [
    hanging('', `${verb} ${migration.id} on ${databaseText(database)} as ${database.role}`, width),
    '',
    ...steps.flatMap(({ name, state, detail }) => {
      const wait = state === 'running' ? waiting : undefined
      const text = wait === undefined ? detail : waitText(wait, now)
      return [
        hanging(`${MARKS[state]} ${padded(name, wide)}  `, text, width),
        ...(wait === undefined ? [] : lockWaitLines(wait, now, width)),
      ]
    }),
  ].join('\n')
}

const waitText = ({ lock, tables, tries, retryAt, buildingMs }: LockWait, now: Date): string =>
  buildingMs !== undefined
    ? `waits for older transactions on ${tables.join(', ')}, for ${durationText(buildingMs)}; it blocks nobody`
    : `waiting for ${lock} on ${tables.join(', ')}: try ${tries + 1}, next in ${until(retryAt, now)}`

function lockWaitLines(
  { lockTimeoutMs, giveUpAt, blockers, buildingMs }: LockWait,
  now: Date,
  width: number,
): readonly string[] {
  if (buildingMs !== undefined) return blockersLines(blockers, now, width)
  const gives = `each try waits ${durationText(lockTimeoutMs)}, so nobody queues behind it for longer; gives up in ${until(giveUpAt, now)}`
  return [hanging('       ', gives, width), ...blockersLines(blockers, now, width)]
}

/** Who stands in the way, and the SQL that would end the oldest of them; never done by itself. */
function blockersLines(blockers: readonly Blocker[], now: Date, width: number): readonly string[] {
  if (blockers.length === 0)
    return [hanging('       ', 'nobody who can be named: the lock was given back meanwhile', width)]
  const rows = blockers.map(({ pid, application, role, state, since, statement, kind }) => [
    pid === 0 ? '-' : String(pid),
    application === '' ? (kind === 'client backend' ? '-' : kind) : application,
    role === '' ? '-' : role,
    state === '' ? '-' : state,
    since === undefined ? '-' : durationText(Math.max(0, now.getTime() - since.getTime())),
    (statement ?? '-').replaceAll(/\s+/gu, ' '),
  ])
  const [oldest] = blockers
    .filter(({ pid }) => pid !== 0)
    .toSorted(
      (one, other) =>
        (one.since?.getTime() ?? Number.POSITIVE_INFINITY) - (other.since?.getTime() ?? Number.POSITIVE_INFINITY),
    )
  return [
    `       held up by ${blockers.length} session${blockers.length === 1 ? '' : 's'}:`,
    ...table(
      {
        indent: '         ',
        columns: [
          { name: 'PID' },
          { name: 'APPLICATION', least: 8 },
          { name: 'ROLE', least: 6 },
          { name: 'STATE', least: 10 },
          { name: 'SINCE' },
          { name: 'LAST STATEMENT', least: 10 },
        ],
        rows,
      },
      width,
    ),
    ...(oldest === undefined ? [] : [`       oldest: select pg_terminate_backend(${oldest.pid});`]),
  ]
}
