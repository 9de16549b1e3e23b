import type { JoinExpr, Node, RangeVar, SelectStmt } from 'libpg-query'
import type { Catalog, Relation } from '../catalog/catalog.ts'
import { EditList } from '../edit/edit-list.ts'
import type { SourceText } from '../parse/source-text.ts'
import type { DecidedMigration } from './decided-migration.ts'
import type { OutputColumns, Scope } from './scope.ts'
import type { Unprovable } from './unprovable.ts'

/**
 * `onLeft` is told the output of the left branch of a set operation before the right one is planned, which may refer to
 * it in a recursive query.
 */
export type PlanQuery = (
  context: PlanContext,
  node: Node,
  outer: Scope,
  onLeft?: (output: OutputColumns) => void,
) => OutputColumns

/** What the planning of one statement works with. */
export interface PlanContext {
  readonly source: SourceText
  readonly edits: EditList
  readonly catalog: Catalog
  /** The decided migrations of a relation; empty for a relation that has none. */
  readonly decidedMigrations: (relation: Relation) => readonly DecidedMigration[]
  /** Tables that are put behind a sub-select with their logical columns. */
  readonly derived: Set<RangeVar>
  /** Those that turn out to be needed there too late for this attempt: the statement is planned again with them. */
  readonly wanted: Set<RangeVar>
  /** Joins by USING or NATURAL that are written with ON, each with one of the migrations for which they are. */
  readonly asOn: Map<JoinExpr, DecidedMigration>
  /** Joins and queries whose tables have been looked at, and put into `derived` where that is needed. */
  readonly examined: Set<JoinExpr | SelectStmt>
  /** Joins of which it is known whether they have a migrating table. */
  readonly migratingJoins: Map<JoinExpr, boolean>
  /** One-row tables, each of one value that is evaluated once; they become common table expressions of the statement. */
  readonly once: string[]
  /** One for each whole row that was written out: a record, whose fields nobody can name. */
  readonly rows: DecidedMigration[]
  /** Reads that could not be proven, and stay as they are on the logical side. */
  readonly left: Unprovable[]
  /** Its edits are thrown away: what is wanted is what comes into view. */
  readonly looks?: boolean
  /** Plans a query inside of another, or a statement in a common table expression; tells its output columns. */
  readonly planQuery: PlanQuery
  /** The same context on a list of edits that is thrown away: to look before deciding. */
  dry(): PlanContext
  /** The same context for an INSERT, with one-row tables of its own. */
  forInsert(): PlanContext
}

export type PlanContextParts = Pick<
  PlanContext,
  | 'planQuery'
  | 'source'
  | 'edits'
  | 'catalog'
  | 'decidedMigrations'
  | 'derived'
  | 'wanted'
  | 'asOn'
  | 'examined'
  | 'migratingJoins'
  | 'once'
  | 'rows'
  | 'left'
  | 'looks'
>

export function createPlanContext(parts: PlanContextParts): PlanContext {
  return {
    ...parts,
    dry: () => createPlanContext({ ...parts, edits: new EditList(parts.source.text), once: [], left: [], looks: true }),
    forInsert: () => createPlanContext({ ...parts, once: [] }),
  }
}

/** What cannot be proven to be the same stays as it is where the logical side is read: its values are right as they stand. */
export function leave(context: PlanContext, problem: Unprovable): void {
  if (problem.decided.read === 'shadow') throw problem
  context.left.push(problem)
}

/** The relation that a name in a statement stands for, when it is one and known. */
export function relationOf(context: PlanContext, node: RangeVar): Relation | undefined {
  return context.catalog.relation(node.schemaname, node.relname ?? '') ?? undefined
}
