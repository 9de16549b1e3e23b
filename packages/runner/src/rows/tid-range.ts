/** A place in a heap: a block, and a line pointer in it. Line pointers count from 1; 0 is before the first. */
export interface Tid {
  readonly block: number
  readonly offset: number
}

/** Rows from `from` up to, but not including, `to`. */
export interface TidRange {
  readonly from: Tid
  readonly to: Tid
}

/** More than the line pointers that fit into a block of any size up to 32 kB (MaxHeapTuplesPerPage is 291 for 8 kB). */
export const OFFSETS = 2_048

export const FIRST_ROW: Tid = { block: 0, offset: 0 }

/** Behind the last block that a table can have. */
export const END_OF_TABLE: Tid = { block: 4_294_967_295, offset: 0 }

export const blockStart = (block: number): Tid => ({ block, offset: 0 })

export const blockRange = (from: number, to: number): TidRange => ({ from: blockStart(from), to: blockStart(to) })

export const tidLiteral = ({ block, offset }: Tid): string => `'(${block},${offset})'::tid`

/** How many blocks it reaches into. */
export const blocksIn = ({ from, to }: TidRange): number => to.block - from.block + (to.offset > 0 ? 1 : 0)

/**
 * The two halves of a range, split between blocks as long as there are several, then between line pointers; undefined when it
 * is one line pointer.
 */
export function halves(range: TidRange): readonly [TidRange, TidRange] | undefined {
  const [first, last] = [place(range.from), place(range.to)]
  if (last - first <= 1) return undefined
  const middle =
    range.to.block - range.from.block > 1
      ? Math.floor((range.from.block + range.to.block) / 2) * OFFSETS
      : Math.floor((first + last) / 2)
  const split = tidOf(middle)
  return [
    { from: range.from, to: split },
    { from: split, to: range.to },
  ]
}

/** Line pointers before it, as if each block had all of them. */
export const place = ({ block, offset }: Tid): number => block * OFFSETS + offset

export const tidOf = (at: number): Tid => ({ block: Math.floor(at / OFFSETS), offset: at % OFFSETS })
