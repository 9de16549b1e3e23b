import {
  addRanges,
  type BackfillRange,
  type Control,
  clearRanges,
  countFailures,
  type NewRange,
  readRanges,
  setBackfill,
} from '@expand-contract/control'
import type { BackfillMember } from '../rows/member.ts'

/** How far a backfill is. */
export interface BackfillProgress {
  readonly blocksDone: number
  readonly blocks: number
  /** Rows that were filled. */
  readonly rows: number
  readonly failedRows: number
  /** Every range is at its end. */
  readonly done: boolean
}

/** Ranges have at least this many blocks (32 MB), so that none is gone in a few batches. */
const LEAST_BLOCKS = 4_096
const MOST_RANGES = 64

/**
 * Divides each member into ranges, once, for any number of workers. One that is in another file by now was rewritten, so its rows are in
 * other blocks, and it begins again; one that is no member any more is forgotten.
 */
export async function divide(control: Control, migration: string, members: readonly BackfillMember[]): Promise<void> {
  await setBackfill(control, { migration })
  const known = await readRanges(control, migration)
  const stale = known.filter(({ relation, relfilenode }) => {
    const member = members.find((each) => each.relation === relation)
    return member?.filenode !== relfilenode
  })
  for (const relation of new Set(stale.map((range) => range.relation)))
    await clearRanges(control, { migration, relation })
  const current = new Set(known.filter((range) => !stale.includes(range)).map(({ relation }) => relation))
  const ranges = members.filter(({ relation }) => !current.has(relation)).flatMap(rangesOf)
  if (ranges.length > 0) {
    await setBackfill(control, { migration, finished: false })
    await addRanges(control, { migration, ranges })
  }
}

function rangesOf({ relation, filenode, blocks }: BackfillMember): readonly NewRange[] {
  const count = Math.min(MOST_RANGES, Math.max(1, Math.floor(blocks / LEAST_BLOCKS)))
  const at = (part: number): number => Math.floor((blocks * part) / count)
  return Array.from({ length: count }, (_, part) => ({
    ...{ relation, part, relfilenode: filenode },
    ...{ firstBlock: at(part), endBlock: at(part + 1) },
  }))
}

export async function readProgress(control: Control, migration: string): Promise<BackfillProgress> {
  const ranges = await readRanges(control, migration)
  const sum = (of: (range: BackfillRange) => number): number => ranges.reduce((total, range) => total + of(range), 0)
  return {
    blocksDone: sum(({ cursorBlock, firstBlock }) => cursorBlock - firstBlock),
    blocks: sum(({ endBlock, firstBlock }) => endBlock - firstBlock),
    rows: sum(({ rows }) => rows),
    failedRows: await countFailures(control, migration),
    done: ranges.length > 0 && ranges.every(({ finishedAt }) => finishedAt !== undefined),
  }
}
