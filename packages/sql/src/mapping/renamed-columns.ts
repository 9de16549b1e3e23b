import { quoteIdentifier } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { parse } from '../parse/parser.ts'
import { SourceText } from '../parse/source-text.ts'

const PREFIX = 'SELECT '

/**
 * An expression over one table, as PostgreSQL prints it (`pg_get_expr`), with columns under other names. Names are told by the
 * grammar, so that functions, types, collations, fields and literals of the same spelling stay as they are. undefined where it is no
 * expression. `loadParser` must have been awaited.
 */
export function renamedColumns(expression: string, names: ReadonlyMap<string, string>): string | undefined {
  const source = new SourceText(PREFIX + expression)
  const statements = parse(source.text)
  const [statement] = statements ?? []
  if (statement?.stmt === undefined || statements?.length !== 1) return undefined
  let text = ''
  let copied = PREFIX.length
  for (const { column, location } of referencesIn(statement.stmt)) {
    const name = names.get(column)
    if (name === undefined) continue
    const token = source.tokenAt(location)
    text += source.text.slice(copied, token.start) + quoteIdentifier(name)
    copied = token.end
  }
  return text + source.text.slice(copied)
}

interface Reference {
  readonly column: string
  readonly location: number | undefined
}

/** Columns without their table, in the order of the text. */
function referencesIn(root: Node): readonly Reference[] {
  const found: Reference[] = []
  const left: unknown[] = [root]
  while (left.length > 0) {
    const node = left.pop()
    if (typeof node !== 'object' || node === null) continue
    if (!Array.isArray(node) && 'ColumnRef' in node) {
      const { fields = [], location } = (node as Extract<Node, { ColumnRef: object }>).ColumnRef
      const [field] = fields
      if (fields.length === 1 && field !== undefined && 'String' in field)
        found.push({ column: field.String.sval ?? '', location })
    } else left.push(...Object.values(node))
  }
  return found.sort((one, other) => (one.location ?? 0) - (other.location ?? 0))
}
