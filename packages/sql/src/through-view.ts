import type { RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog, Relation } from './catalog.ts'
import { mayOmit } from './default-value.ts'
import type { ParsedStatement } from './parsed-statement.ts'
import type { SourceText } from './source-text.ts'
import type { Stance } from './stance.ts'
import { Unprovable } from './unprovable.ts'

interface Place {
  readonly catalog: Catalog
  readonly source: SourceText
  readonly stancesOf: (relation: Relation) => readonly Stance[]
}

/**
 * A view hides the table: its definition has the columns that it names, whatever is read or written now. While one column
 * is written alone, a view that does not name the other one is right.
 */
export function viewProblem(statement: ParsedStatement, place: Place): Unprovable | undefined {
  const defaulting = statement.namesDefault ? statement.written : statement.grown
  const written = findThrough(statement.written, place, missesColumn) ?? findThrough(defaulting, place, missesDefault)
  if (written) return new Unprovable('write', written.stance, 'through-view', written.at)
  const read = findThrough(statement.named, place, readsOtherColumn)
  return read && new Unprovable('read', read.stance, 'read-through-view', read.at)
}

/** What no edit could mend is right all the same: the trigger keeps both columns in step, or every writer does. */
export function isBearable({ concern, stance }: Unprovable): boolean {
  if (stance.relation.syncTrigger) return true
  return concern === 'read' && stance.writesLogical && stance.writesShadow
}

type Concern = (stance: Stance, columns: readonly string[]) => boolean

function findThrough(
  nodes: readonly RangeVar[],
  { catalog, source, stancesOf }: Place,
  concerns: Concern,
): { readonly stance: Stance; readonly at: number | undefined } | undefined {
  for (const node of nodes)
    for (const { table, columns } of catalog.relation(node.schemaname, node.relname ?? '')?.through ?? [])
      for (const stance of stancesOf(table))
        if (stance.bound.physical === 'both' && concerns(stance, columns))
          return { stance, at: source.offset(node.location) }
  return undefined
}

const missesColumn: Concern = (stance, columns) =>
  stance.writesShadow && (stance.writesLogical || names(columns, logicalColumns(stance)))

/** A row that leaves the column out, or sets it to DEFAULT, has the default of the other one, which nobody brings along. */
const missesDefault: Concern = (stance) => stance.writesShadow && !mayOmit(stance)

const readsOtherColumn: Concern = (stance, columns) =>
  stance.read !== oldSide(stance) && names(columns, stance.bound.migration.old)

const logicalColumns = ({ bound, compiled }: Stance): BoundMigration['migration']['old'] =>
  bound.migration[compiled.logicalSide]

const names = (columns: readonly string[], of: readonly { readonly name: string }[]): boolean =>
  of.some(({ name }) => columns.includes(name))

const oldSide = (stance: Stance): Stance['read'] => (stance.compiled.logicalSide === 'old' ? 'logical' : 'shadow')
