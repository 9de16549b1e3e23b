import { quoteIdentifier } from '@expand-contract/core'
import type { CopyStmt } from 'libpg-query'
import { nameStrings } from '../parse/name-strings.ts'
import type { Token } from '../parse/source-text.ts'
import { readShadow } from '../resolve/column-list.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { ROOT_SCOPE } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { planCopyFrom } from './copy-from.ts'
import { writeTarget } from './write-target.ts'

/**
 * Plans COPY: a query as any other, a table that is read as a query of its columns. See `planCopyFrom` for a
 * table that is filled.
 */
export function planCopy(context: PlanContext, copy: CopyStmt): void {
  if (copy.query) return void context.planQuery(context, copy.query, ROOT_SCOPE)
  const target = writeTarget(context, copy.relation)
  const { entry, decidedMigrations } = target
  const { table } = entry
  if (!table || !copy.relation) return
  const first = context.source.tokenAt(copy.relation.location)
  const listed = nameStrings(copy.attlist)
  const last = context.source.tableEnd(copy.relation)
  // Without a list COPY leaves out what is computed, and it takes no such column in one.
  const computed = new Set(
    decidedMigrations[0]?.relation.columns.flatMap(({ name, generated }) => (generated ? [name] : [])),
  )
  const stored = table.logical.columns.filter(({ name }) => !computed.has(name))
  const missing = decidedMigrations.find(({ hasLogical }) => !hasLogical)
  if (listed.length === 0 && !table.logical.placed && missing)
    throw new Unprovable(copy.is_from ? 'write' : 'read', missing, 'column-positions', first.start)
  if (copy.is_from) {
    planCopyFrom(context, { copy, target, stored: stored.map(({ name }) => name), first, last })
    return
  }
  // A shadow column is read as it is where the list names it.
  const known = [...stored, ...[...table.logical.hidden.keys()].map((name) => ({ name, decided: undefined }))]
  // PostgreSQL says what is wrong with such a list.
  if (new Set(listed).size < listed.length || listed.some((name) => !known.some((each) => each.name === name))) return
  const columns = listed.length > 0 ? known.filter(({ name }) => listed.includes(name)) : stored
  const replaced = columns.some(({ decided }) => decided && table.reads(decided) === 'shadow')
  if (!replaced && (listed.length > 0 || !decidedMigrations.some((decided) => decided.hasShadow))) return

  const open = context.source.token(last.index + 1)
  const closing = copy.attlist && open ? context.source.closing(open) : last
  const name = context.source.text.slice(first.start, last.end)
  const order =
    listed.length > 0 ? listed.flatMap((wanted) => columns.filter((column) => column.name === wanted)) : columns
  const items = order.map((column) =>
    column.decided && table.reads(column.decided) === 'shadow'
      ? `${readShadow(column.decided, column.name, table, name)} AS ${quoteIdentifier(column.name)}`
      : `${name}.${quoteIdentifier(column.name)}`,
  )
  context.edits.replace({ start: first.start, end: closing.end }, `(SELECT ${items.join(', ')} FROM ONLY ${name})`)
  moveOldOptions(context, first, closing)
}

/** COPY of a query does not take BINARY in front of it, nor DELIMITERS behind the file, as that of a table does: they become options. */
function moveOldOptions({ source, edits }: PlanContext, table: Token, end: Token): void {
  const before = source.token(table.index - 1)
  const program = source.token(end.index + 2)?.word === 'PROGRAM' ? 1 : 0
  let last = source.token(end.index + 2 + program)
  const moved: string[] = []
  if (before?.word === 'BINARY') {
    edits.remove({ start: before.start, end: table.start })
    moved.push('binary')
  }
  const using = last && source.token(last.index + 1)
  const delimiters = using?.word === 'USING' ? source.token(using.index + 1) : using
  const delimiter = delimiters?.word === 'DELIMITERS' ? source.token(delimiters.index + 1) : undefined
  if (using && delimiter) {
    edits.remove({ start: using.start, end: delimiter.end })
    moved.push(`DELIMITER ${source.text.slice(delimiter.start, delimiter.end)}`)
    last = delimiter
  }
  if (last === undefined || moved.length === 0) return
  const next = source.token(last.index + 1)
  if (next?.word === 'WITH') last = next
  const list = source.token(last.index + 1)
  if (list?.word === '(')
    edits.after(list.end, moved.map((option) => `${option.replace('binary', 'FORMAT binary')}, `).join(''))
  else edits.after(last.end, ` ${moved.join(' ')}`)
}
