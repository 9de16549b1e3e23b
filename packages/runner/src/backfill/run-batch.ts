import { type Control, readMigration, recordFailures } from '@expand-contract/control'
import { type Migration, shellWord } from '@expand-contract/core'
import { LEAVE_NOTHING } from '../execute/session-settings.ts'
import type { BackfillMember } from '../rows/member.ts'
import { keyOf } from '../rows/row-key.ts'
import { blockRange, blockStart, halves, type TidRange } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { rangeUpdate, sameFile } from './range-update.ts'
import type { BackfillTask } from './task.ts'
import { BACKFILL_SETTING } from './user-triggers.ts'

/** What became of one batch. Of all but `filled`, nothing was done. */
export type BatchOutcome =
  | { readonly kind: 'filled'; readonly rows: number; readonly failed: number }
  /** Another worker has the part, or it does not stand where it stood, or its member was rewritten. */
  | { readonly kind: 'lost' }
  /** A lock or a deadlock: the same again, smaller and a little later. */
  | { readonly kind: 'busy'; readonly code: string }
  /** A row of the range cannot be filled; never of `fillRows`. */
  | { readonly kind: 'refused'; readonly code: string }

export interface Batch {
  readonly member: BackfillMember
  readonly from: number
  /** The block behind the last one. */
  readonly to: number
  /** A block behind that: of the rows up to there, half are filled as well. @defaultValue the block behind the last one */
  readonly ahead?: number | undefined
  /** Whether the server must have written it to disk before it answers. */
  readonly durable: boolean
  /** After how many milliseconds it is given up, to be tried again with fewer blocks; undefined: it has no fewer. */
  readonly longestMs: number | undefined
  /** Called in the transaction of the rows; false takes all of it back. */
  readonly settle: (rows: number, failed: number) => Promise<boolean>
}

/** Lock not available, deadlock, serialization failure; and a statement that somebody cancelled, or that took too long. */
const BUSY = new Set(['55P03', '40P01', '40001', '57014'])

/**
 * The lock_timeout stays below PostgreSQL's deadlock_timeout (1 s), so that where a batch and a transaction of the application wait for
 * each other it is the batch that gives up: without it, 12 clients that lock 4 rows each lost 7 transactions, with it none. Behind
 * a batch that has run for 0.8 s already it could be the other one, so that one of several blocks is given up before (`longestMs`).
 * A client that is killed leaves nothing behind. All of it is for the transaction alone: a plain SET would stay with a connection that a pooler hands to others.
 */
const BEGIN = `BEGIN; SET LOCAL lock_timeout = '200ms'; SET LOCAL row_security = off; SET LOCAL idle_in_transaction_session_timeout = '60s'; ${LEAVE_NOTHING}`

async function begin(
  { client }: Control,
  { shape: { migration }, shield }: BackfillTask,
  { durable, longestMs }: Pick<Batch, 'durable' | 'longestMs'>,
): Promise<void> {
  const settings = [
    BEGIN,
    `SET LOCAL statement_timeout = ${longestMs === undefined ? 0 : Math.round(longestMs)}`,
    // Cursor and data are lost together when the server goes down, so the last batches are all that has to be done again.
    ...(durable ? [] : ['SET LOCAL synchronous_commit = off']),
    ...(shield.replica ? ['SET LOCAL session_replication_role = replica'] : []),
  ]
  await client.query(settings.join('; '))
  if (shield.keep) await client.query('SELECT pg_catalog.set_config($1, $2, true)', [BACKFILL_SETTING, migration.id])
}

/** Fills some blocks, in one transaction with what settles them. */
export function fillBlocks(control: Control, task: BackfillTask, batch: Batch): Promise<BatchOutcome> {
  const { member, from, to, ahead, settle } = batch
  return inTransaction(control, task, async () => {
    await begin(control, task, batch)
    const rows = await fill(control, { task, member, range: blockRange(from, to), ahead })
    return rows !== undefined && (await settle(rows, 0)) ? { kind: 'filled', rows, failed: 0 } : { kind: 'lost' }
  })
}

interface Part extends Pick<Batch, 'member' | 'ahead'> {
  readonly task: BackfillTask
  readonly range: TidRange
}

/** How many rows were filled; undefined where the member has been rewritten. */
async function fill({ client: given }: Control, { task, member, range, ahead }: Part): Promise<number | undefined> {
  const client = given as RunnerClient
  const update = rangeUpdate({ ...task, member, range, ahead: ahead === undefined ? undefined : blockStart(ahead) })
  if (task.tellsRowCount) {
    const { rowCount } = await client.query(update)
    // It was the same file, and the table is locked from then on.
    if (typeof rowCount === 'number' && rowCount > 0) return rowCount
    const { rows } = await client.query(`SELECT ${sameFile(member)} AS "same"`)
    return rows[0]?.same === true ? 0 : undefined
  }
  const { rows } = await client.query(
    `WITH "done" AS (${update} RETURNING 1) SELECT pg_catalog.count(*)::int4 AS "rows", ${sameFile(member)} AS "same" FROM "done"`,
  )
  return rows[0]?.same === true ? Number(rows[0].rows) : undefined
}

/**
 * Fills blocks in which some row cannot be filled: halved down to that row, which is recorded by its key and
 * passed, so that one row does not hold up a table.
 */
export function fillRows(
  control: Control,
  task: BackfillTask,
  { member, from, to, settle }: Omit<Batch, 'durable' | 'longestMs' | 'ahead'>,
): Promise<BatchOutcome> {
  const { client } = control
  let [filled, failed] = [0, 0]
  const fillPart = async (part: TidRange): Promise<boolean> => {
    await client.query('SAVEPOINT expand_contract_rows')
    try {
      const rows = await fill(control, { task, member, range: part })
      await client.query('RELEASE SAVEPOINT expand_contract_rows')
      filled += rows ?? 0
      return rows !== undefined
    } catch (error) {
      const code = answeredState(error)
      if (code === undefined || BUSY.has(code)) throw error
      await client.query('ROLLBACK TO SAVEPOINT expand_contract_rows')
      await client.query('RELEASE SAVEPOINT expand_contract_rows')
      const both = halves(part)
      if (both !== undefined) return (await fillPart(both[0])) && (await fillPart(both[1]))
      const key = await keyOf(client as RunnerClient, member, part)
      if (key === undefined) return true
      failed++
      await recordFailures(control, [
        { migration: task.shape.migration.id, relation: member.relation, key, class: code },
      ])
      return true
    }
  }
  return inTransaction(control, { ...task, alone: true }, async () => {
    await begin(control, task, { durable: true, longestMs: undefined })
    const same = await fillPart(blockRange(from, to))
    return same && (await settle(filled, failed)) ? { kind: 'filled', rows: filled, failed } : { kind: 'lost' }
  })
}

async function inTransaction(
  control: Control,
  { shape: { migration }, alone = false }: BackfillTask & { readonly alone?: boolean },
  work: () => Promise<BatchOutcome>,
): Promise<BatchOutcome> {
  const { client } = control
  try {
    const outcome = await work()
    await client.query(outcome.kind === 'filled' ? 'COMMIT' : 'ROLLBACK')
    return outcome
  } catch (error) {
    const code = answeredState(error)
    if (code === undefined) throw error
    await client.query('ROLLBACK')
    if (BUSY.has(code)) return { kind: 'busy', code }
    if (GONE.has(code)) await checkNotRolledBack(control, migration, error)
    // Each row was tried by itself: what fails now is no row, and would fail again.
    if (OF_ROWS.test(code) && !alone) return { kind: 'refused', code }
    throw error
  }
}

/** A column, a table or a function is not there any more. */
const GONE = new Set(['42703', '42P01', '42883'])

/**
 * A rollback waits for nobody who fills rows: one that was away for longer than its lease finds the columns gone.
 * @throws EC_BACKFILL_NOT_EXPANDED
 */
async function checkNotRolledBack(control: Control, { id }: Migration, cause: unknown): Promise<void> {
  const phase = (await readMigration(control, id))?.phase ?? 'off'
  if (phase !== 'off') return
  throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
    message: `The migration ${id} was rolled back while its rows were filled: its new column is gone.`,
    hint: `To begin again, run \`expand-contract expand ${shellWord(id)}\`.`,
    migration: id,
    cause,
  })
}

/** Classes of errors that the values of a row raise: cardinality, data, integrity, WITH CHECK OPTION, RAISE, functions of the user. */
const OF_ROWS = /^(?:21|22|23|38|39|44|P0)/u

/** PostgreSQL's code, where the database has answered and the connection goes on. */
function answeredState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return undefined
  const code = String(error.code)
  return /^(?:57P|08)/u.test(code) ? undefined : code
}
