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
export function viewProblems(statement: ParsedStatement, place: Place): readonly Unprovable[] {
  const defaulting = statement.namesDefault ? statement.written : statement.grown
  const written = [
    ...findThrough(statement.written, place, missesColumn),
    ...findThrough(defaulting, place, missesDefault),
  ].slice(0, 1)
  if (written.length > 0) return written.map(({ stance, at }) => new Unprovable('write', stance, 'through-view', at))
  return findThrough(statement.named, place, readsOtherColumn).map(
    ({ stance, at }) => new Unprovable('read', stance, 'read-through-view', at),
  )
}

/** What no edit could mend is right all the same: the trigger keeps both columns in step, or every writer does. */
export function isBearable({ concern, stance }: Unprovable): boolean {
  if (stance.bound.syncTrigger) return true
  return concern === 'read' && stance.writesLogical && stance.writesShadow
}

type Concern = (stance: Stance, columns: readonly string[]) => boolean

function findThrough(
  nodes: readonly RangeVar[],
  { catalog, source, stancesOf }: Place,
  concerns: Concern,
): readonly { readonly stance: Stance; readonly at: number }[] {
  return nodes.flatMap((node) =>
    (catalog.relation(node.schemaname, node.relname ?? '')?.through ?? []).flatMap(({ table, columns }) =>
      stancesOf(table).flatMap((stance) =>
        stance.bound.physical === 'both' && concerns(stance, columns)
          ? [{ stance, at: source.offset(node.location) }]
          : [],
      ),
    ),
  )
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
