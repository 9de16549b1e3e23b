import {
  type Control,
  type MigrationRecord,
  openControl,
  readMigration,
  recordVerification,
} from '@expand-contract/control'
import { type Migration, type Phase, quoteTable } from '@expand-contract/core'
import { type BackfillMember, readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { keyOf, type RowKey } from '../rows/row-key.ts'
import { blockRange, halves, type TidRange, tidLiteral } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError, sqlState } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { anyDifference, DIFFERENCE_CLASSES, type DifferenceClass, differencesOf } from './differences.ts'
import { readTriggerState, sameTriggers, type TriggerState } from './trigger-state.ts'

export interface VerifyOptions {
  readonly migration: Migration
  /** A connection of its own. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  /** Who does it, as others see it: `dana@ops-2`. */
  readonly who: string
  /** Keys of rows to remember, of each class. @defaultValue 20 */
  readonly samples?: number
  /** Stops between two ranges; then nothing is recorded. */
  readonly signal?: AbortSignal
  /** Called after each range; must not throw. @defaultValue nothing */
  readonly onEvent?: (event: VerifyEvent) => void
}

export interface VerifyEvent {
  readonly type: 'progress'
  readonly rows: number
  readonly differing: number
  readonly blocksDone: number
  readonly blocks: number
}

/** A row that is out of step, by its key; its values stay in the database. */
export interface DifferingRow {
  readonly relation: string
  readonly key: RowKey
  /** PostgreSQL's SQLSTATE, of an `unconvertible` one. */
  readonly code?: string
}

export interface Verification {
  readonly phase: Phase
  readonly epoch: number
  readonly rows: number
  /** How many rows are out of step, by how. */
  readonly counts: Readonly<Record<DifferenceClass, number>>
  readonly samples: Readonly<Record<DifferenceClass, readonly DifferingRow[]>>
  readonly trigger: TriggerState
  /** No row is out of step, and the sync trigger was on throughout, on every member, and the same. */
  readonly clean: boolean
  readonly ms: number
  /** Stopped before the end, so that it says nothing of the table. */
  readonly stopped: boolean
}

/** Blocks that one snapshot looks at: some 80 ms, so that no snapshot holds back VACUUM for long. */
const RANGE = 2_048

/**
 * Compares both columns of every row, range by range, in both directions. Both values stand in one row version, so a row that
 * is written meanwhile is no false alarm. A row that moves from one range to another may be missed, which is sound as long as the
 * trigger keeps rows in step, so that is recorded with the pass. It takes no lock that a statement of the application waits for.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, and what PostgreSQL says; 42501 where row security would hide rows
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { migration, client, schema = 'expand_contract', signal } = options
  const started = performance.now()
  const { rows: begun } = await client.query(
    "SELECT pg_catalog.set_config('row_security', 'off', false), EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS at",
  )
  const { shape } = await readShape(client, migration, schema)
  const members = await readMembers(client, shape.table)
  const control = openControl(client, { schema })
  const { phase, epoch } = await readRecord(control, migration)
  const before = await readTriggerState(client, migration, members)
  const pass = new Pass(options, phase, shape)
  const blocks = members.reduce((sum, member) => sum + member.blocks, 0)
  let blocksDone = 0
  // Rows that came behind the end meanwhile are the last range's, too.
  for (const member of members)
    for (let from = 0; from === 0 || from < member.blocks; from += RANGE) {
      if (signal?.aborted === true) break
      const last = from + RANGE >= member.blocks
      await pass.look(member, last ? { from: { block: from, offset: 0 }, to: END } : blockRange(from, from + RANGE))
      blocksDone = Math.min(blocks, blocksDone + Math.min(RANGE, member.blocks - from))
      options.onEvent?.({ type: 'progress', rows: pass.rows, differing: pass.differing, blocksDone, blocks })
    }
  const trigger = await readTriggerState(client, migration, members)
  const stopped = signal?.aborted === true
  const clean = !stopped && pass.differing === 0 && trigger.on && sameTriggers(before, trigger)
  const verification: Verification = {
    ...{ phase, epoch, rows: pass.rows, counts: pass.counts, samples: pass.samples, trigger, clean, stopped },
    ms: performance.now() - started,
  }
  if (!stopped)
    await recordVerification(control, {
      ...{ migration: migration.id, epoch, startedAt: new Date(Number(begun[0]?.at) * 1_000), rows: pass.rows },
      ...{ counts: pass.counts, samples: pass.samples, triggers: trigger.members, clean, who: options.who },
    })
  return verification
}

/** Behind the last block that a table can have. */
const END = { block: 4_294_967_295, offset: 0 }

async function readRecord(control: Control, { id }: Migration): Promise<MigrationRecord> {
  const record = await readMigration(control, id)
  if (record !== undefined) return record
  throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
    message: `The migration ${id} has not begun.`,
    hint: `Run \`expand-contract expand ${id}\` first.`,
    migration: id,
  })
}

const none = <T>(value: () => T): Record<DifferenceClass, T> =>
  Object.fromEntries(DIFFERENCE_CLASSES.map((each) => [each, value()])) as Record<DifferenceClass, T>

/** One look at all rows. */
class Pass {
  rows = 0
  readonly counts = none(() => 0)
  readonly samples = none((): DifferingRow[] => [])
  readonly #client: RunnerClient
  readonly #limit: number
  readonly #any: string
  readonly #classes: readonly (readonly [DifferenceClass, string])[]

  constructor({ client, samples = 20 }: VerifyOptions, phase: Phase, shape: SyncShape) {
    this.#client = client
    this.#limit = samples
    this.#any = anyDifference(shape, phase)
    this.#classes = Object.entries(differencesOf(shape, phase)) as [DifferenceClass, string][]
  }

  get differing(): number {
    return Object.values(this.counts).reduce((sum, each) => sum + each, 0)
  }

  /** One range: a count, and only where that finds something a second look, which tells what. */
  async look(member: BackfillMember, range: TidRange): Promise<void> {
    try {
      const { rows } = await this.#client.query(
        `SELECT pg_catalog.count(*)::int8::text AS "rows", pg_catalog.count(*) FILTER (WHERE ${this.#any})::int8::text AS "wrong" FROM ${from(member, range)}`,
      )
      if (Number(rows[0]?.wrong) > 0) await this.#classify(member, range)
      this.rows += Number(rows[0]?.rows)
    } catch (error) {
      const code = sqlState(error)
      if (code === undefined || !OF_ROWS.test(code)) throw error
      await this.#halve(member, range, code)
    }
  }

  /** A mapping fails for some row of the range. */
  async #halve(member: BackfillMember, range: TidRange, code: string): Promise<void> {
    const end = range.to.block === END.block ? await this.#endOf(member) : range.to
    const both = halves({ from: range.from, to: end })
    if (both !== undefined) {
      for (const half of both) await this.look(member, half)
      // Behind what was the end a moment ago.
      if (range.to.block === END.block) await this.look(member, { from: end, to: END })
      return
    }
    const key = await keyOf(this.#client, member, range)
    if (key === undefined) return
    this.rows++
    this.counts.unconvertible++
    if (this.samples.unconvertible.length < this.#limit)
      this.samples.unconvertible.push({ relation: member.relation, key, code })
  }

  async #endOf({ oid }: BackfillMember): Promise<TidRange['to']> {
    const { rows } = await this.#client.query(
      "SELECT (pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::int8)::text AS blocks",
      [oid],
    )
    return { block: Number(rows[0]?.blocks), offset: 0 }
  }

  async #classify(member: BackfillMember, range: TidRange): Promise<void> {
    const counts = this.#classes.map(
      ([name, condition]) => `pg_catalog.count(*) FILTER (WHERE ${condition})::int8::text AS "${name}"`,
    )
    const { rows } = await this.#client.query(`SELECT ${counts.join(', ')} FROM ${from(member, range)}`)
    for (const [name, condition] of this.#classes) {
      this.counts[name] += Number(rows[0]?.[name])
      const wanted = this.#limit - this.samples[name].length
      if (Number(rows[0]?.[name]) === 0 || wanted <= 0) continue
      const found = await this.#client.query(
        `SELECT ctid::text AS ctid FROM ${from(member, range)} AND (${condition}) LIMIT ${wanted}`,
      )
      for (const { ctid } of found.rows) {
        const [block, offset] = String(ctid).slice(1, -1).split(',').map(Number)
        const at = { block: block ?? 0, offset: offset ?? 0 }
        const key = await keyOf(this.#client, member, { from: at, to: { ...at, offset: at.offset + 1 } })
        if (key !== undefined) this.samples[name].push({ relation: member.relation, key })
      }
    }
  }
}

const OF_ROWS = /^(?:21|22|38|39|P0)/u

const from = ({ name }: BackfillMember, { from: first, to }: TidRange): string =>
  `ONLY ${quoteTable(name)} WHERE ctid >= ${tidLiteral(first)} AND ctid < ${tidLiteral(to)}`
