import type { Migration, StatementEvent } from '@expand-contract/core'
import type { ReportedReads, ReportedStatement } from '../records/fleet.ts'

/** Shapes that were sent since the last report: further ones are counted as reads, and not recorded. */
const MAX_SHAPES = 500
/** Shapes that wait to be recorded, of those that were told apart. */
const MAX_STATEMENTS = 500
/** A fingerprint of a text that is new takes a parse, 15 to 175 us: so many, then others have their turn. */
const AT_ONCE = 10
/** In one report; the others wait for the next one. */
const MAX_REPORTED = 100

interface Shape {
  readonly event: StatementEvent
  count: number
  lastAt: number
}

interface SideCounts {
  old: number
  new: number
  reportedOld: number
  reportedNew: number
  lastOldAt: number | undefined
}

/**
 * Counts the statements of a process on migrating tables. What a statement pays for is a look-up and an addition; the rest is done between
 * two reports, a few shapes at a time.
 */
export class StatementCounts {
  readonly #byTable: ReadonlyMap<string, readonly Migration[]>
  readonly #reads = new Map<string, SideCounts>()
  readonly #statements = new Map<string, ReportedStatement>()
  #shapes = new Map<object, Shape>()
  #reportedAt: number

  constructor(migrations: readonly Migration[], now: number) {
    this.#byTable = Map.groupBy(migrations, ({ table: { schema, name } }) =>
      schema === undefined ? name : `${schema}.${name}`,
    )
    this.#reportedAt = now
  }

  sent(event: StatementEvent): void {
    const shape = this.#shapes.get(event.shape)
    if (shape !== undefined) {
      shape.count++
      shape.lastAt = Date.now()
    } else if (this.#shapes.size < MAX_SHAPES) this.#shapes.set(event.shape, { event, count: 1, lastAt: Date.now() })
    else this.#countReads({ event, count: 1, lastAt: Date.now() })
  }

  /** Tells the shapes apart that were sent since the last time. */
  async gather(): Promise<void> {
    const shapes = [...this.#shapes.values()]
    this.#shapes = new Map()
    for (const shape of shapes) this.#countReads(shape)
    for (let index = 0; index < shapes.length; index += AT_ONCE) {
      if (index > 0) await new Promise((resolve) => setImmediate(resolve))
      for (const shape of shapes.slice(index, index + AT_ONCE)) this.#record(shape)
    }
  }

  #countReads({ event: { reads }, count, lastAt }: Shape): void {
    for (const id in reads) {
      const side = reads[id]
      if (side === undefined) continue
      let counts = this.#reads.get(id)
      if (counts === undefined) {
        counts = { old: 0, new: 0, reportedOld: 0, reportedNew: 0, lastOldAt: undefined }
        this.#reads.set(id, counts)
      }
      counts[side] += count
      if (side === 'old') counts.lastOldAt = Math.max(counts.lastOldAt ?? lastAt, lastAt)
    }
  }

  #record({ event, count }: Shape): void {
    const migrations = event.tables.flatMap((table) => this.#byTable.get(table) ?? [])
    for (const { id } of migrations) {
      const reason = event.reasons.find(({ migration }) => migration === id)
      const key = JSON.stringify([id, event.fingerprint, event.reads[id], event.outcome, reason?.code])
      const known = this.#statements.get(key)
      if (known === undefined && this.#statements.size >= MAX_STATEMENTS) continue
      this.#statements.set(key, {
        migration: id,
        fingerprint: event.fingerprint ?? '',
        side: event.reads[id] ?? '',
        outcome: event.outcome,
        reason: reason?.code ?? '',
        kind: event.command,
        message: reason?.message,
        text: event.text,
        count: (known?.count ?? 0) + count,
      })
    }
  }

  reads(now: number): Readonly<Record<string, ReportedReads>> {
    const seconds = Math.max(now - this.#reportedAt, 1) / 1_000
    const rate = (count: number): number => Math.round((count / seconds) * 10) / 10
    return Object.fromEntries(
      [...this.#reads].map(([id, counts]) => [
        id,
        {
          old: counts.old,
          new: counts.new,
          oldRate: rate(counts.old - counts.reportedOld),
          newRate: rate(counts.new - counts.reportedNew),
          lastOldAgoMs: counts.lastOldAt === undefined ? null : Math.max(now - counts.lastOldAt, 0),
        },
      ]),
    )
  }

  /** Some of what is to be recorded; `reported` says that it was. */
  statements(): readonly ReportedStatement[] {
    return [...this.#statements.values()].slice(0, MAX_REPORTED)
  }

  reported(
    statements: readonly ReportedStatement[],
    reads: Readonly<Record<string, ReportedReads>>,
    now: number,
  ): void {
    for (const [key, statement] of this.#statements) if (statements.includes(statement)) this.#statements.delete(key)
    for (const [id, counts] of this.#reads) {
      counts.reportedOld = reads[id]?.old ?? 0
      counts.reportedNew = reads[id]?.new ?? 0
    }
    this.#reportedAt = now
  }
}
