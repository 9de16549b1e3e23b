import { type Phase, quoteTable } from '@expand-contract/core'
import { sameFile } from '../backfill/range-update.ts'
import { inSnapshot } from '../read-transaction.ts'
import { LOCAL_SETTINGS } from '../rows/local-settings.ts'
import type { BackfillMember } from '../rows/member.ts'
import { keyOf, type RowKey } from '../rows/row-key.ts'
import {
  END_OF_TABLE,
  FIRST_ROW,
  OFFSETS,
  place,
  type Tid,
  type TidRange,
  tidLiteral,
  tidOf,
} from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { sqlState } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { anyDifference, DIFFERENCE_CLASSES, type DifferenceClass, differencesOf, lengthCode } from './differences.ts'

/** A row that is out of step, by its key; its values stay in the database. */
export interface DifferingRow {
  readonly relation: string
  readonly key: RowKey
  /** PostgreSQL's SQLSTATE, of an `unconvertible` one. */
  readonly code?: string
}

/** What has been seen so far. */
export interface Findings {
  readonly rows: number
  /** How many rows are out of step, by how. */
  readonly counts: Readonly<Record<DifferenceClass, number>>
  readonly samples: Readonly<Record<DifferenceClass, readonly DifferingRow[]>>
}

const ofEach = <T>(value: (name: DifferenceClass) => T): Record<DifferenceClass, T> =>
  Object.fromEntries(DIFFERENCE_CLASSES.map((each) => [each, value(each)])) as Record<DifferenceClass, T>

export const NO_FINDINGS: Findings = { rows: 0, counts: ofEach(() => 0), samples: ofEach(() => []) }

export const differing = ({ counts }: Pick<Findings, 'counts'>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0)

/** Two parts of a pass, taken together; of the samples, the first. */
export const together = (one: Findings, other: Findings, samples: number): Findings => ({
  rows: one.rows + other.rows,
  counts: ofEach((name) => one.counts[name] + other.counts[name]),
  samples: ofEach((name) => [...one.samples[name], ...other.samples[name]].slice(0, samples)),
})

/**
 * Line pointers that one snapshot looks at first, and at most: as many as take a while, so that no snapshot holds back VACUUM for long. A table
 * of a gigabyte is scanned as a whole: a range of places takes 7 % more for a row, and fills the server's buffers, which a whole scan leaves to others.
 */
const LARGEST = 131_072 * OFFSETS
/** Below this many the time of a look says little. */
const SMALL = 1_024 * OFFSETS
/** What a look should take. A range of its own costs some 1.2 ms of the server, whatever is in it. */
const LOOK_MS = 250

/** How many rows there are, and how many of them are out of step. */
interface Counted {
  readonly rows: number
  readonly wrong: number
}

/** What EXPLAIN says of a scan. */
interface ScanPlan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
}

const SCANS: ReadonlySet<string> = new Set(['Seq Scan', 'Tid Range Scan'])

/** Some rows, and where those begin that were not looked at. */
export interface Look {
  readonly found: Findings
  readonly next: Tid
  readonly held: Held
}

/** Snapshots that were held, also those in which a mapping failed, and how long the longest one was. */
export interface Held {
  readonly snapshots: number
  readonly longestMs: number
}

export const NOTHING_HELD: Held = { snapshots: 0, longestMs: 0 }

export const heldTogether = (one: Held, other: Held): Held => ({
  snapshots: one.snapshots + other.snapshots,
  longestMs: Math.max(one.longestMs, other.longestMs),
})

/** A member was rewritten, so its rows are in other blocks. */
export class Rewritten extends Error {}

export interface RowComparison {
  readonly client: RunnerClient
  readonly shape: SyncShape
  readonly phase: Phase
  /** Keys to remember, of each class. */
  readonly samples: number
  /** The function that tells whether a row is in step is there. @defaultValue true */
  readonly helper?: boolean | undefined
}

/** Compares the columns of rows, without a lock that a statement of the application waits for. */
export class RowComparer {
  readonly #client: RunnerClient
  readonly #samples: number
  readonly #any: string
  readonly #classes: readonly (readonly [DifferenceClass, string])[]
  readonly #code: string
  /** Line pointers that the next range has: half of them after a row that a mapping fails for, twice as many after none. */
  #size = LARGEST
  #held = NOTHING_HELD

  constructor({ client, shape, phase, samples, helper = true }: RowComparison) {
    this.#client = client
    this.#samples = samples
    this.#any = anyDifference(shape, phase, helper)
    this.#classes = Object.entries(differencesOf(shape, phase, helper)) as [DifferenceClass, string][]
    this.#code = lengthCode(shape, phase)
  }

  /**
   * The rows from a place on, as many as one snapshot is held for; where a mapping fails for one, fewer, down to that one.
   * @throws Rewritten
   */
  async look(member: BackfillMember, first: Tid): Promise<Look> {
    this.#held = NOTHING_HELD
    for (let behindEnd = true; ; ) {
      // Rows that came behind the end meanwhile are the last range's, too.
      const last = behindEnd && place(first) + this.#size >= member.blocks * OFFSETS
      const range = { from: first, to: last ? END_OF_TABLE : tidOf(place(first) + this.#size) }
      try {
        const started = performance.now()
        const found = await this.#inSnapshot(() => this.#counted(member, range))
        this.#took(performance.now() - started)
        return { found, next: range.to, held: this.#held }
      } catch (error) {
        const code = sqlState(error)
        if (code === undefined || !OF_ROWS.test(code)) throw error
        if (last) this.#size = Math.min(this.#size, Math.max(1, (await this.#places(member)) - place(first)))
        else if (this.#size === 1)
          return {
            found: await this.#inSnapshot(() => this.#failing(member, range, code)),
            ...{ next: range.to, held: this.#held },
          }
        else this.#size = Math.floor(this.#size / 2)
        behindEnd = false
      }
    }
  }

  #took(ms: number): void {
    if (this.#size < SMALL || ms < LOOK_MS / 2) this.#size = Math.min(LARGEST, this.#size * 2)
    else if (ms > LOOK_MS * 2) this.#size = Math.max(SMALL, Math.floor(this.#size / 2))
  }

  /** One snapshot, in which what is counted is what is classified. */
  async #inSnapshot(work: () => Promise<Findings>): Promise<Findings> {
    const started = performance.now()
    try {
      return await inSnapshot(this.#client, `${LOCAL_SETTINGS}; ${PLAIN_SCANS}`, work)
    } finally {
      const longestMs = Math.round(performance.now() - started)
      this.#held = heldTogether(this.#held, { snapshots: 1, longestMs })
    }
  }

  async #counted(member: BackfillMember, range: TidRange): Promise<Findings> {
    const { rows, wrong } = (await this.#scanned(member, range)) ?? (await this.#asked(member, range))
    // It is locked since it was read.
    const answer = await this.#client.query(`SELECT ${sameFile(member)} AS "same"`)
    if (answer.rows[0]?.same !== true) throw new Rewritten()
    const counted = { ...NO_FINDINGS, rows }
    return wrong > 0 ? this.#classified(member, range, counted) : counted
  }

  /**
   * A scan that filters knows how many rows it has kept and how many not, and EXPLAIN tells it: to count all of them in SQL takes another
   * tenth of the time. undefined where PostgreSQL looks at the table in another way than that: an index may have
   * the rows that differ alone, and a table of an extension scans of its own.
   */
  async #scanned(member: BackfillMember, range: TidRange): Promise<Counted | undefined> {
    const { rows } = await this.#client.query(
      `EXPLAIN (ANALYZE, TIMING off, COSTS off, SUMMARY off, BUFFERS off, FORMAT json) SELECT FROM ${from(member, range)} AND (${this.#any})`,
    )
    const given: unknown = rows[0]?.['QUERY PLAN']
    const { Plan: plan } = (typeof given === 'string' ? JSON.parse(given) : given)[0] as { readonly Plan: ScanPlan }
    if (!SCANS.has(plan['Node Type'])) return undefined
    const wrong = plan['Actual Rows']
    return { rows: wrong + (plan['Rows Removed by Filter'] ?? 0), wrong }
  }

  async #asked(member: BackfillMember, range: TidRange): Promise<Counted> {
    const { rows } = await this.#client.query(
      `SELECT pg_catalog.count(*)::int8::text AS "rows", pg_catalog.count(*) FILTER (WHERE ${this.#any})::int8::text AS "wrong" FROM ${from(member, range)}`,
    )
    return { rows: Number(rows[0]?.rows), wrong: Number(rows[0]?.wrong) }
  }

  /** How many it has by now. */
  async #places({ oid }: BackfillMember): Promise<number> {
    const { rows } = await this.#client.query(
      "SELECT (pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::int8)::text AS blocks",
      [oid],
    )
    return Number(rows[0]?.blocks) * OFFSETS
  }

  async #failing(member: BackfillMember, place: TidRange, code: string): Promise<Findings> {
    const key = await keyOf(this.#client, member, place)
    if (key === undefined) return NO_FINDINGS
    const { counts, samples } = NO_FINDINGS
    return {
      rows: 1,
      counts: { ...counts, unconvertible: 1 },
      samples: { ...samples, unconvertible: [{ relation: member.relation, key, code }] },
    }
  }

  async #classified(member: BackfillMember, range: TidRange, counted: Findings): Promise<Findings> {
    const classes = this.#classes.map(
      ([name, condition]) => `pg_catalog.count(*) FILTER (WHERE ${condition})::int8::text AS "${name}"`,
    )
    const { rows } = await this.#client.query(`SELECT ${classes.join(', ')} FROM ${from(member, range)}`)
    const counts = ofEach((name) => Number(rows[0]?.[name]))
    const samples = ofEach((): readonly DifferingRow[] => [])
    for (const [name, condition] of this.#classes)
      if (counts[name] > 0 && this.#samples > 0) {
        const code = name === 'unconvertible' ? this.#code : 'NULL'
        samples[name] = await this.#rowsWhere(member, range, { condition, code })
      }
    return { ...counted, counts, samples }
  }

  async #rowsWhere(
    member: BackfillMember,
    range: TidRange,
    { condition, code }: { readonly condition: string; readonly code: string },
  ): Promise<readonly DifferingRow[]> {
    const found = await this.#client.query(
      `SELECT ctid::text AS ctid, ${code} AS code FROM ${from(member, range)} AND (${condition}) LIMIT ${this.#samples}`,
    )
    const differingRows: DifferingRow[] = []
    for (const { ctid, code: state } of found.rows) {
      const [block, offset] = String(ctid).slice(1, -1).split(',').map(Number)
      const at = { block: block ?? 0, offset: offset ?? 0 }
      const key = await keyOf(this.#client, member, { from: at, to: { ...at, offset: at.offset + 1 } })
      if (key !== undefined)
        differingRows.push({ relation: member.relation, key, ...(typeof state === 'string' && { code: state }) })
    }
    return differingRows
  }
}

/** Classes of errors that the values of a row raise; 23 is that of a domain's checks. */
const OF_ROWS = /^(?:21|22|23|38|39|P0)/u

/** The other processors are the application's; and samples are the first rows, in the order of the table. */
const PLAIN_SCANS = 'SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL synchronize_seqscans = off'

/** All of a table in one range is scanned as it is: comparing places costs a tenth of it. */
const from = ({ name }: BackfillMember, { from: first, to }: TidRange): string =>
  `ONLY ${quoteTable(name)} WHERE ${
    place(first) === place(FIRST_ROW) && place(to) === place(END_OF_TABLE)
      ? 'true'
      : `ctid >= ${tidLiteral(first)} AND ctid < ${tidLiteral(to)}`
  }`
