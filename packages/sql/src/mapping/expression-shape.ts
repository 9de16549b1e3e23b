import { parse } from '../parse/parser.ts'

/**
 * What an expression is, as PostgreSQL prints it (`pg_get_expr`), so that two that mean the same can be told: without parentheses and blanks, and
 * without casts to `alike` types, between which a value goes without becoming another one. PostgreSQL prints them otherwise when it has read what
 * it had printed: `(ARRAY['a'::character varying])::text[]` comes back as `ARRAY[('a'::character varying)::text]`. undefined where it is no
 * expression. `loadParser` must have been awaited.
 */
export function expressionShape(expression: string, alike: ReadonlySet<string>): string | undefined {
  const statements = parse(`SELECT ${expression}`)
  if (statements?.length !== 1) return undefined
  return JSON.stringify(shapeOf(statements[0]?.stmt, alike))
}

function shapeOf(node: unknown, alike: ReadonlySet<string>): unknown {
  if (Array.isArray(node)) return node.map((each) => shapeOf(each, alike))
  if (typeof node !== 'object' || node === null) return node
  if ('TypeCast' in node && isAlike(Object(node.TypeCast).typeName, alike))
    return shapeOf(Object(node.TypeCast).arg, alike)
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => (PLACES.has(key) ? [] : [[key, shapeOf(value, alike)]])),
  )
}

/** Where something stands. */
const PLACES: ReadonlySet<string> = new Set([
  'location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
])

function isAlike(type: unknown, alike: ReadonlySet<string>): boolean {
  const { names = [], typmods = [] } = Object(type)
  return typmods.length === 0 && alike.has(Object(names.at(-1)).String?.sval)
}
