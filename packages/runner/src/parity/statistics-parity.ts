import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import { oneOfEach } from './one-of-each.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { ParityStatistics } from './parity-facts.ts'

/** One transaction with the ANALYZE that fills them: nobody would know later that they are empty. */
export const STATISTICS = 'parity statistics'

/** Extended statistics. */
export function statisticsParity(context: ParityContext): readonly ParityPart[] {
  const namedBy = (old: ParityStatistics): readonly string[] => [
    ...old.columns,
    ...old.expressions.flatMap((text) => columnsIn(context, text)),
  ]
  const all = context.facts.statistics.filter((old) => context.concerns(namedBy(old)))
  return oneOfEach(all, (old) => signature(context, old, 'old')).flatMap((old) => {
    const named = namedBy(old)
    const there = context.facts.statistics.find(
      (each) => signature(context, each, 'new') === signature(context, old, 'old'),
    )
    const why =
      context.pairsOf(named) === undefined
        ? `its columns have no counterpart of their own in ${context.migration.id}`
        : old.expressions.some((text) => context.unlike(text).length > 0)
          ? 'it has an expression over a column whose type is another now'
          : undefined
    if (why !== undefined && there === undefined) {
      context.forPeople.push({
        what: `statistics ${old.name}`,
        why,
        sql: `-- the same over the new columns, as it fits them:\n-- ${old.definition}`,
        before: 'switch',
      })
      return []
    }
    const name = there?.name ?? context.name(old.schema, old.name) ?? `${old.name}_new`
    return [{ kind: 'statistics', what: `statistics ${name}`, actions: actionsOf(context, old, { name, there }) }]
  })
}

/** The migrating columns that an expression names. */
const columnsIn = (context: ParityContext, text: string): readonly string[] =>
  [...context.oldNames, ...context.newNames].filter((name) => context.names(text, name))

function signature(
  context: ParityContext,
  { member, columns, kinds, expressions }: ParityStatistics,
  side: 'old' | 'new',
): string {
  const column = (name: string) => (side === 'old' ? context.column(name) : name)
  const texts = expressions.map((text) => context.comparable(text, side))
  // PostgreSQL sorts the columns by their numbers, which are others.
  return JSON.stringify([member, columns.map(column).toSorted(), kinds, texts.toSorted()])
}

function actionsOf(
  context: ParityContext,
  old: ParityStatistics,
  { name, there }: { readonly name: string; readonly there: ParityStatistics | undefined },
): readonly Action[] {
  const table = context.tableOf(old.member)
  const statistics = qualified(old.schema, name)
  const add = (sql: string, why: string): Action =>
    context.action({ sql, why, table, lock: 'SHARE UPDATE EXCLUSIVE', transaction: STATISTICS })
  if (there === undefined && !old.mayCreate) context.lacking.add(`CREATE ON SCHEMA ${quoteIdentifier(old.schema)}`)
  // Those of one expression alone have no kinds.
  const kinds = old.columns.length === 0 && old.expressions.length === 1 ? '' : ` (${old.kinds.join(', ')})`
  const on = [
    ...old.columns.map((column) => quoteIdentifier(context.column(column))),
    ...old.expressions.map((text) => `(${context.expression(text)})`),
  ]
  return [
    ...(there === undefined
      ? [
          add(
            `CREATE STATISTICS ${statistics}${kinds} ON ${on.join(', ')} FROM ${table}`,
            `What ${old.name} is to the old column.`,
          ),
        ]
      : []),
    ...(old.target === null || old.target === there?.target
      ? []
      : [add(`ALTER STATISTICS ${statistics} SET STATISTICS ${old.target}`, `The target of ${old.name}.`)]),
    ...(old.comment === null || (there?.comment ?? null) !== null
      ? []
      : [add(`COMMENT ON STATISTICS ${statistics} IS ${literal(old.comment)}`, `The comment of ${old.name}.`)]),
  ]
}
