import type { WithClause } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import type { PlanContext } from './plan-context.ts'
import { EMPTY_NAMESPACE, type OutputColumns, type Scope } from './scope.ts'
import { checkPlaces } from './unprovable.ts'

/** The level of a statement's common table expressions. */
export function withCtes(context: PlanContext, clause: WithClause | undefined, outer: Scope): Scope {
  const ctes = new Map<string, OutputColumns>()
  const scope: Scope = { namespace: EMPTY_NAMESPACE, parent: outer, ctes }
  // With RECURSIVE each may name any other, also one that comes after it.
  for (const node of clause?.recursive ? (clause.ctes ?? []) : [])
    if ('CommonTableExpr' in node) {
      const { ctename = '', aliascolnames } = node.CommonTableExpr
      ctes.set(ctename, { names: nameStrings(aliascolnames), open: true })
    }
  for (const node of clause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue
    const { ctename = '', aliascolnames, ctequery, search_clause, cycle_clause } = node.CommonTableExpr
    const renamed = nameStrings(aliascolnames)
    const added = [search_clause?.search_seq_column, cycle_clause?.cycle_mark_column, cycle_clause?.cycle_path_column]
    const define = (output: OutputColumns): void => {
      if (renamed.length > 0) checkPlaces(output)
      const names = [...renamed, ...output.names.slice(renamed.length), ...added.filter((name) => name !== undefined)]
      ctes.set(ctename, { ...output, names })
    }
    const onLeft = clause?.recursive ? define : undefined
    if (ctequery) define(context.planQuery(context, ctequery, scope, onLeft))
  }
  return scope
}
