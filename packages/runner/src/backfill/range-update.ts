import { quoteTable } from '@expand-contract/core'
import { computedColumns } from '../rows/computed.ts'
import type { BackfillMember } from '../rows/member.ts'
import { type Tid, type TidRange, tidLiteral } from '../rows/tid-range.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

export interface RangeUpdate {
  readonly shape: SyncShape
  /** The side that follows: `new` but in contract. */
  readonly side: 'old' | 'new'
  readonly member: BackfillMember
  readonly range: TidRange
  /** A place behind the range: of the rows up to there, half are filled as well. @defaultValue the end of the range */
  readonly ahead?: Tid | undefined
  /** An SQL condition: no other rows, of which a mapping may fail for some. @defaultValue all that are out of step */
  readonly only?: string | undefined
}

/**
 * Fills the rows of a range. It reads no index and needs no key: PostgreSQL scans the blocks of a range of tids alone (since 14), and
 * rows that have the value already are not written again. Whether the file is the same is asked once, and with the table locked.
 *
 * Pages are full, so a new row version goes to another page and into every index. Where half of the rows have moved away a transaction before,
 * PostgreSQL clears what they leave as soon as it comes by, and the other half stays in its page and in no need of an index (HOT). It saves
 * half of the entries of indexes and a sixth of the WAL (docs/performance.md). `hashtid` says which half, without a key.
 */
export function rangeUpdate({ shape, side, member, range, ahead = range.to, only }: RangeUpdate): string {
  const columns = computedColumns(shape, side)
  const changes = columns.map(({ name, value }) => `${name} = ${value}`)
  const differs = `(${columns.map((column) => column.differs).join(' OR ')})`
  const condition = only === undefined ? differs : `CASE WHEN ${only} THEN ${differs} ELSE false END`
  const half = ahead === range.to ? '' : ` AND (ctid < ${tidLiteral(range.to)} OR pg_catalog.hashtid(ctid) % 2 = 0)`
  return `
    WITH "filled" AS (SELECT ${sameFile(member)} AS "same")
    UPDATE ONLY ${quoteTable(member.name)} SET ${changes.join(', ')}
    WHERE (SELECT "same" FROM "filled") AND ctid >= ${tidLiteral(range.from)} AND ctid < ${tidLiteral(ahead)} AND ${condition}${half}`
}

/** True where a member's rows are still in the file that its blocks were counted in. Holds throughout the transaction once the table is locked. */
export const sameFile = ({ oid, filenode }: BackfillMember): string =>
  `pg_catalog.pg_relation_filenode(${oid}) = ${filenode}`
