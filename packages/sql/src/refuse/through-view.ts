import type { RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog, Relation } from '../catalog/catalog.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'
import type { SourceText } from '../parse/source-text.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { mayOmit } from '../write/default-value.ts'
import { namedColumns, type PlainView, plainView } from './view-columns.ts'

interface Place {
  readonly catalog: Catalog
  readonly source: SourceText
  readonly decidedMigrationsOf: (relation: Relation) => readonly DecidedMigration[]
}

/**
 * A view hides the table: its definition has the columns that it names, whatever is read or written now. While one column
 * is written alone, a view that does not name the other one is right.
 */
export function viewProblems(statement: ParsedStatement, place: Place): readonly Unprovable[] {
  const defaulting = statement.namesDefault ? statement.written : statement.insertsInto
  const written = [
    ...findThrough(statement.written, { ...place, statement }, missesColumn),
    ...findThrough(defaulting, { ...place, statement }, missesDefault),
  ].slice(0, 1)
  if (written.length > 0) return written.map(({ decided, at }) => new Unprovable('write', decided, 'through-view', at))
  return findThrough(statement.named, { ...place, statement }, readsOtherColumn).map(
    ({ decided, at }) => new Unprovable('read', decided, 'read-through-view', at),
  )
}

/** What no edit could mend is right all the same: the trigger keeps both columns in step, or every writer does. */
export function isBearable({ concern, decided }: Unprovable): boolean {
  if (decided.bound.syncTrigger) return true
  return concern === 'read' && decided.writesLogical && decided.writesShadow
}

/** How a statement uses a view that is plain; undefined for others, of which nothing is known. */
interface Use {
  readonly view: PlainView
  /** The table's columns that are assigned through it; null for what is none. */
  readonly assigned: readonly (string | null)[]
  /** It may get rows. */
  readonly grows: boolean
  /** Its columns that may be looked at; undefined for all. */
  readonly shown: () => ReadonlySet<string> | undefined
}

type Concern = (decided: DecidedMigration, columns: readonly string[], use: Use | undefined) => boolean

function useOf(statement: ParsedStatement, node: RangeVar, relation: Relation): Use | undefined {
  const view = plainView(relation)
  if (view === undefined) return undefined
  const assigned = statement.assigned.filter((each) => each.relation === node)
  return {
    view,
    assigned: assigned.map(({ column }) => view.columns.get(column) ?? null),
    grows: statement.insertsInto.includes(node),
    shown: () => namedColumns(statement.query, node),
  }
}

function findThrough(
  nodes: readonly RangeVar[],
  { catalog, source, decidedMigrationsOf, statement }: Place & { readonly statement: ParsedStatement },
  concerns: Concern,
): readonly { readonly decided: DecidedMigration; readonly at: number }[] {
  return nodes.flatMap((node) => {
    const relation = catalog.relation(node.schemaname, node.relname ?? '')
    const use = relation && relation.through.length > 0 ? useOf(statement, node, relation) : undefined
    return (relation?.through ?? []).flatMap(({ table, columns }) =>
      decidedMigrationsOf(table).flatMap((decided) =>
        decided.bound.physical === 'both' && concerns(decided, columns, use)
          ? [{ decided, at: source.offset(node.location) }]
          : [],
      ),
    )
  })
}

const missesColumn: Concern = (decided, columns, use) =>
  assignsSome(decided, use) &&
  decided.writesShadow &&
  (decided.writesLogical || names(columns, logicalColumns(decided)))

/** False where rows are deleted alone, or nothing but other columns is assigned. */
function assignsSome({ compiled }: DecidedMigration, use: Use | undefined): boolean {
  if (use === undefined || use.grows) return true
  const own = [...compiled.logical, ...compiled.shadow]
  return use.assigned.some((column) => column === null || own.includes(column))
}

/** A row that leaves the column out, or sets it to DEFAULT, has the default of the other one, which nobody brings along. */
const missesDefault: Concern = (decided, _, use) =>
  assignsSome(decided, use) && decided.writesShadow && !mayOmit(decided)

const readsOtherColumn: Concern = (decided, columns, use) =>
  decided.read !== oldSide(decided) && names(columns, decided.bound.migration.old) && showsSome(decided, use)

/** False where a plain view has the old columns, and the statement has nothing to do with them. */
function showsSome({ bound }: DecidedMigration, use: Use | undefined): boolean {
  if (use === undefined) return true
  const old = bound.migration.old.map(({ name }) => name)
  if (old.some((name) => use.view.condition.has(name))) return true
  const shown = use.shown()
  return [...use.view.columns].some(
    ([name, column]) => (column === null || old.includes(column)) && (shown === undefined || shown.has(name)),
  )
}

const logicalColumns = ({ bound, compiled }: DecidedMigration): BoundMigration['migration']['old'] =>
  bound.migration[compiled.logicalSide]

const names = (columns: readonly string[], of: readonly { readonly name: string }[]): boolean =>
  of.some(({ name }) => columns.includes(name))

const oldSide = (decided: DecidedMigration): DecidedMigration['read'] =>
  decided.compiled.logicalSide === 'old' ? 'logical' : 'shadow'
