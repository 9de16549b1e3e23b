import { quoteIdentifier } from '@expand-contract/core'
import type { CopyStmt } from 'libpg-query'
import { type CopyPlaces, copyPlaces, oldOptions } from '../parse/copy-places.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { readShadow } from '../resolve/column-list.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { ROOT_SCOPE } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { planCopyFrom } from './copy-from.ts'
import { writeTarget } from './write-target.ts'

/**
 * Plans COPY: a query like others, a table that is read as a query of its columns, and a table that is filled
 * by `planCopyFrom`.
 */
export function planCopy(context: PlanContext, copy: CopyStmt): void {
  if (copy.query) return void context.planQuery(context, copy.query, ROOT_SCOPE)
  const target = writeTarget(context, copy.relation)
  const { entry, decidedMigrations } = target
  const { table } = entry
  if (!table) return
  const places = copyPlaces(context.source, copy)
  if (places === undefined) return
  const listed = nameStrings(copy.attlist)
  // Without a list COPY leaves out what is computed, and it takes no such column in one.
  const computed = new Set(
    decidedMigrations[0]?.relation.columns.flatMap(({ name, generated }) => (generated ? [name] : [])),
  )
  const stored = table.logical.columns.filter(({ name }) => !computed.has(name))
  const missing = decidedMigrations.find(({ hasLogical }) => !hasLogical)
  if (listed.length === 0 && !table.logical.placed && missing)
    throw new Unprovable(copy.is_from ? 'write' : 'read', missing, 'column-positions', places.table.start)
  if (copy.is_from) {
    planCopyFrom(context, { copy, target, stored: stored.map(({ name }) => name), places })
    return
  }
  // A shadow column is read as it is where the list names it.
  const known = [...stored, ...[...table.logical.hidden.keys()].map((name) => ({ name, decided: undefined }))]
  // PostgreSQL says what is wrong with such a list.
  if (new Set(listed).size < listed.length || listed.some((name) => !known.some((each) => each.name === name))) return
  const columns = listed.length > 0 ? known.filter(({ name }) => listed.includes(name)) : stored
  const replaced = columns.some(({ decided }) => decided && table.reads(decided) === 'shadow')
  if (!replaced && (listed.length > 0 || !decidedMigrations.some((decided) => decided.hasShadow))) return

  const name = context.source.text.slice(places.table.start, places.table.end)
  const order =
    listed.length > 0 ? listed.flatMap((wanted) => columns.filter((column) => column.name === wanted)) : columns
  const items = order.map((column) =>
    column.decided && table.reads(column.decided) === 'shadow'
      ? `${readShadow(column.decided, column.name, table, name)} AS ${quoteIdentifier(column.name)}`
      : `${name}.${quoteIdentifier(column.name)}`,
  )
  context.edits.replace(places.whole, `(SELECT ${items.join(', ')} FROM ONLY ${name})`)
  moveOldOptions(context, places)
}

/** COPY of a query does not take BINARY in front of it, nor DELIMITERS behind the file, as that of a table does: they become options. */
function moveOldOptions({ source, edits }: PlanContext, places: CopyPlaces): void {
  const found = oldOptions(source, places)
  if (found === undefined) return
  const { binary, delimiters, others, inList } = found
  const moved: string[] = []
  if (binary) {
    edits.remove(binary)
    moved.push(inList ? 'FORMAT binary' : 'binary')
  }
  if (delimiters) {
    edits.remove(delimiters.whole)
    moved.push(`DELIMITER ${source.text.slice(delimiters.value.start, delimiters.value.end)}`)
  }
  if (moved.length === 0) return
  edits.after(others, inList ? moved.map((option) => `${option}, `).join('') : ` ${moved.join(' ')}`)
}
