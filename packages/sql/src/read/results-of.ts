import type { Node } from 'libpg-query'

type Nodes = readonly (Node | undefined)[]

/** The values one of which an expression has, or an array of which it is. */
export function resultsOf(node: Node): { readonly results: Nodes; readonly others: Nodes } | undefined {
  if ('CoalesceExpr' in node) return { results: node.CoalesceExpr.args ?? [], others: [] }
  if ('MinMaxExpr' in node) return { results: node.MinMaxExpr.args ?? [], others: [] }
  if ('A_ArrayExpr' in node) return { results: node.A_ArrayExpr.elements ?? [], others: [] }
  if (!('CaseExpr' in node)) return undefined
  const { arg, args = [], defresult } = node.CaseExpr
  const whens = args.flatMap((when) => ('CaseWhen' in when ? [when.CaseWhen] : []))
  return { results: [...whens.map(({ result }) => result), defresult], others: [arg, ...whens.map(({ expr }) => expr)] }
}
