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
  const words = new Set(
    code
      .join(' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}_$]+/gu),
  )
  for (const table of context.catalog.tables) {
    const parts = table.name.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []
    if (!parts.every((part) => words.has(part))) continue
    const decided = context.decidedMigrations(table).find((each) => each.writesShadow)
    if (decided) throw new Unprovable('write', decided, 'do-block', context.source.tokens[0]?.start)
  }
}
