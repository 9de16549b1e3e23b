import type { TypeName } from 'libpg-query'
import { tableOfType } from '../parse/parsed-statement.ts'
import { type PlanContext, relationOf } from './plan-context.ts'
import { Unprovable } from './unprovable.ts'

/** The table's row type depends on the columns that exist. */
export function checkRowType(context: PlanContext, type: TypeName): void {
  const table = tableOfType(type)
  const relation = table && relationOf(context, table)
  const decided = relation && context.decidedMigrations(relation).find((each) => each.read === 'shadow')
  if (decided) throw new Unprovable('read', decided, 'row-type', context.source.offset(type.location))
}
