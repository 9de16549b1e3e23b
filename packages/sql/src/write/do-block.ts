import { mentions } from '@expand-contract/core'
import type { DoStmt } from 'libpg-query'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'

/** A DO block may write whatever its text names. */
export function planBlock(context: PlanContext, block: DoStmt): void {
  const code = (block.args ?? []).flatMap((option) =>
    'DefElem' in option && option.DefElem.arg && 'String' in option.DefElem.arg
      ? [option.DefElem.arg.String.sval ?? '']
      : [],
  )
  for (const table of context.catalog.tables) {
    if (!code.some((text) => mentions(text, [table.name]))) continue
    const decided = context.decidedMigrations(table).find((each) => each.writesShadow)
    if (decided) throw new Unprovable('write', decided, 'do-block', context.source.start)
  }
}
