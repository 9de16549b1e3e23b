import { quoteTable } from '@expand-contract/core'
import { computedColumns } from '../rows/computed.ts'
import type { BackfillMember } from '../rows/member.ts'
import { type TidRange, tidLiteral } from '../rows/tid-range.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

export interface RangeUpdate {
  readonly shape: SyncShape
  /** The side that follows: `new` but in contract. */
  readonly side: 'old' | 'new'
  readonly member: BackfillMember
  readonly range: TidRange
  /** An SQL condition: no other rows, of which a mapping may fail for some. @defaultValue all that are out of step */
  readonly only?: string | undefined
}

/**
 * Fills the rows of a range. It reads no index and needs no key: PostgreSQL scans the blocks of a range of tids alone (since 14), and
 * rows that have the value already are not written again. Whether the file is the same is asked once, and with the table locked.
 */
export function rangeUpdate({ shape, side, member, range, only }: RangeUpdate): string {
  const columns = computedColumns(shape, side)
  const changes = columns.map(({ name, value }) => `${name} = ${value}`)
  const condition = `(${columns.map(({ differs }) => differs).join(' OR ')})`
  return `
    WITH "filled" AS (SELECT ${sameFile(member)} AS "same")
    UPDATE ONLY ${quoteTable(member.name)} SET ${changes.join(', ')}
    WHERE (SELECT "same" FROM "filled") AND ctid >= ${tidLiteral(range.from)} AND ctid < ${tidLiteral(range.to)} AND ${only === undefined ? condition : `CASE WHEN ${only} THEN ${condition} ELSE false END`}`
}

/** True where a member's rows are still in the file that its blocks were counted in. Holds throughout the transaction once the table is locked. */
export const sameFile = ({ oid, filenode }: BackfillMember): string =>
  `pg_catalog.pg_relation_filenode(${oid}) = ${filenode}`
