import type { RangeVar } from 'libpg-query'
import type { Catalog, Relation } from './catalog.ts'
import { EditList } from './edit-list.ts'
import type { SourceText } from './source-text.ts'
import type { Stance } from './stance.ts'

/** What the planning of one statement works with. */
export interface Work {
  readonly source: SourceText
  readonly edits: EditList
  readonly catalog: Catalog
  /** The stances of a relation's migrations; empty for a relation that has none. */
  readonly stances: (relation: Relation) => readonly Stance[]
  /** Tables that are put behind a sub-select with their logical columns. */
  readonly derived: Set<RangeVar>
  /** One-row tables, each of one value that is evaluated once; they become common table expressions of the statement. */
  readonly once: string[]
  /** The same work on a list of edits that is thrown away: to look before deciding. */
  dry(): Work
  /** The same work for an INSERT, with one-row tables of its own. */
  forInsert(): Work
}

export type WorkParts = Pick<Work, 'source' | 'edits' | 'catalog' | 'stances' | 'derived' | 'once'>

export function createWork(parts: WorkParts): Work {
  return {
    ...parts,
    dry: () => createWork({ ...parts, edits: new EditList(parts.source.text), once: [] }),
    forInsert: () => createWork({ ...parts, once: [] }),
  }
}

/** The relation that a name in a statement stands for, when it is one and known. */
export function relationOf(work: Work, node: RangeVar): Relation | undefined {
  return work.catalog.relation(node.schemaname, node.relname ?? '') ?? undefined
}
