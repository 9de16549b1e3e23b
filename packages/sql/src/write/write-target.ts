import type { Node, RangeVar } from 'libpg-query'
import { columnOf, type DecidedMigration } from '../resolve/decided-migration.ts'
import { logicalTable } from '../resolve/logical-columns.ts'
import { type PlanContext, relationOf } from '../resolve/plan-context.ts'
import type { Entry } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'

/** The table that a statement writes. */
export interface WriteTarget {
  readonly entry: Entry
  /** Decided migrations of its migrations; empty for a table that is not migrating. */
  readonly decidedMigrations: readonly DecidedMigration[]
}

export function writeTarget(context: PlanContext, node: RangeVar | undefined): WriteTarget {
  const relation = node && relationOf(context, node)
  const name = node?.alias?.aliasname ?? node?.relname
  const schema = node?.alias ? undefined : (node?.schemaname ?? relation?.schema)
  const decidedMigrations = relation ? context.decidedMigrations(relation) : []
  if (relation === undefined || decidedMigrations.length === 0) {
    const columns = relation?.columns.map((column) => column.name) ?? []
    return { entry: { name, schema, columns, open: relation === undefined, table: undefined }, decidedMigrations: [] }
  }
  const logical = logicalTable(relation, decidedMigrations)
  const table = { node: undefined, logical, reads: (decided: DecidedMigration) => decided.read, nullable: false }
  return {
    entry: { name, schema, columns: logical.columns.map((column) => column.name), open: false, table },
    decidedMigrations,
  }
}

/** The rows that ON CONFLICT and RETURNING know beside the table: what they hold is what was written. */
export function writtenRow(target: WriteTarget, name: string, nullable: boolean): Entry {
  const { table } = target.entry
  const reads = (decided: DecidedMigration): DecidedMigration['read'] => (decided.writesLogical ? 'logical' : 'shadow')
  return { ...target.entry, name, schema: undefined, table: table && { ...table, reads, nullable } }
}

/** `old` and `new` of RETURNING, under the names that the statement gives them. */
export function returningRows(target: WriteTarget, options: readonly Node[] | undefined): readonly Entry[] {
  const names = { old: 'old', new: 'new' }
  for (const option of options ?? []) {
    if (!('ReturningOption' in option)) continue
    const { value } = option.ReturningOption
    if (option.ReturningOption.option === 'RETURNING_OPTION_OLD') names.old = value ?? names.old
    else names.new = value ?? names.new
  }
  const row = (name: string): Entry => ({
    ...target.entry,
    name,
    schema: undefined,
    table: target.entry.table && { ...target.entry.table, nullable: true },
  })
  return [row(names.old), row(names.new)]
}

/** What PostgreSQL or a trigger computes later is not ours to copy. */
export function checkWritten(context: PlanContext, target: WriteTarget, position: number | undefined): void {
  for (const decided of target.decidedMigrations) {
    const { logical, shadow } = decided.compiled
    if (decided.writesShadow && [...logical, ...shadow].some((name) => columnOf(decided, name)?.generated))
      throw new Unprovable('write', decided, 'generated-column', position)
    if (isWorkedOn(decided)) throw new Unprovable('write', decided, 'user-trigger', position ?? context.source.start)
  }
}

/** A trigger that names the columns sets one of the two behind our back, or works on the old one when nobody writes that any more. */
function isWorkedOn({ bound, compiled, relation, writesLogical, writesShadow }: DecidedMigration): boolean {
  const { logical, shadow, logicalSide } = compiled
  const [old, added] = logicalSide === 'old' ? [logical, shadow] : [shadow, logical]
  const writesOld = logicalSide === 'old' ? writesLogical : writesShadow
  const both = writesLogical && writesShadow
  if (!both && (writesOld || bound.physical !== 'both')) return false
  return relation.triggers.some(({ mentions }) => {
    const namesOld = old.some((name) => mentions.includes(name))
    const namesNew = added.some((name) => mentions.includes(name))
    return both ? namesOld || namesNew : namesOld && !namesNew
  })
}
