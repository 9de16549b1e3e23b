import type { FuncCall, Node } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import { parse } from '../parse/parser.ts'
import { SourceText } from '../parse/source-text.ts'
import { isDuplicable, type Repetition } from './duplicable.ts'

/**
 * The value that a default has just drawn from its sequence, as an expression: `nextval` becomes `currval`. undefined for a
 * default that draws otherwise, or more than once.
 */
export function drawnAgain(sql: string, how: Repetition): string | undefined {
  const prefix = 'SELECT '
  const select = parse(prefix + sql)?.[0]?.stmt
  const target = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (value === undefined) return undefined
  const draws: FuncCall[] = []
  const rest = withoutDraws(value, draws)
  const [draw] = draws
  const [sequence, ...others] = draw?.args ?? []
  if (draw === undefined || draws.length > 1 || others.length > 0) return undefined
  if (!isDuplicable(sequence, how) || !isDuplicable(rest, how)) return undefined
  const source = new SourceText(prefix + sql)
  const first = source.tokenAt(draw.location)
  const name = source.token(first.index + 2 * ((draw.funcname?.length ?? 1) - 1))
  if (name?.word !== 'NEXTVAL') return undefined
  return `${source.text.slice(prefix.length, name.start)}currval${source.text.slice(name.end)}`
}

/** The expression with a constant in place of each draw. */
function withoutDraws(node: Node, draws: FuncCall[]): Node {
  if ('FuncCall' in node && isNextval(node.FuncCall)) {
    draws.push(node.FuncCall)
    return { A_Const: { isnull: true } }
  }
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    return typeof value === 'object' && value !== null ? withoutDraws(value as Node, draws) : value
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, copy(value)])) as unknown as Node
}

function isNextval({ funcname }: FuncCall): boolean {
  const names = nameStrings(funcname)
  return names.at(-1) === 'nextval' && (names.length === 1 || (names.length === 2 && names[0] === 'pg_catalog'))
}
