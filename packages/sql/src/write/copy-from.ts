import { quoteIdentifier } from '@expand-contract/core'
import type { CopyStmt, DefElem } from 'libpg-query'
import { type CopyPlaces, copyConditionPlace } from '../parse/copy-places.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { walkExpression } from '../read/expression.ts'
import {
  bareColumn,
  castToStore,
  type DecidedMigration,
  differs,
  sameType,
  typeOf,
} from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { innerScope, namespaceOf, ROOT_SCOPE } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { mayOmit } from './default-value.ts'
import { checkWritten, type WriteTarget } from './write-target.ts'
import { quoted } from './written-values.ts'

interface CopyFrom {
  readonly copy: CopyStmt
  readonly target: WriteTarget
  /** The columns that the application knows, without those that are computed. */
  readonly stored: readonly string[]
  readonly places: CopyPlaces
}

/**
 * Plans COPY FROM. No text can complete its rows, so it is refused while both columns are written. Where the other column
 * is written alone, it takes the place of the one that the application knows, if values read alike into both.
 */
export function planCopyFrom(context: PlanContext, { copy, target, stored, places }: CopyFrom): void {
  const listed = nameStrings(copy.attlist)
  const names = listed.length > 0 ? listed : stored
  const written = target.decidedMigrations.filter((decided) => decided.writesShadow)
  if (written.length > 0) checkWritten(context, target, places.table.start)
  const renamed = new Map<string, string>()
  const checks: string[] = []
  for (const decided of written) {
    const own = decided.compiled.logical.filter((name) => names.includes(name))
    if (own.length === 0 && mayOmit(decided)) continue
    const [name] = own
    const counterpart = name === undefined ? undefined : takesAlike(decided, name, copy)
    if (name === undefined || counterpart === undefined)
      throw new Unprovable('write', decided, 'copy-from', places.table.start)
    renamed.set(name, counterpart.column)
    if (counterpart.check !== undefined) checks.push(counterpart.check)
  }
  walkExpression(context, copy.whereClause, innerScope(ROOT_SCOPE, namespaceOf(target.entry)))
  renameColumns(context, { listed, names, renamed, places, whole: target.decidedMigrations.some(differs) })
  if (checks.length > 0) addChecks(context, copy, places, checks.join(' AND '))
}

/** The shadow column that takes what is sent for the logical one, and what tells that it would have been taken there. */
function takesAlike(
  decided: DecidedMigration,
  name: string,
  { options }: CopyStmt,
): { readonly column: string; readonly check: string | undefined } | undefined {
  const { logical, shadow, toShadow, toLogical } = decided.compiled
  const [column] = shadow
  if (decided.writesLogical || logical.length > 1 || shadow.length > 1 || column === undefined) return undefined
  if (toShadow.get(column)?.kind !== 'column' || toLogical.get(name)?.kind !== 'column') return undefined
  const given = (options ?? []).flatMap((option) => ('DefElem' in option ? [option.DefElem] : []))
  if (given.some(namesColumns)) return undefined
  const [from, to] = [typeOf(decided, name), typeOf(decided, column)]
  if (sameType(from, to)) return { column, check: undefined }
  if (bareColumn(decided, name) === undefined || given.some(isBinary)) return undefined
  const sql = quoteIdentifier(column)
  const cast = castToStore(sql, from, true)
  // No sub-select may stand in the condition of COPY.
  return cast.includes('SELECT') ? undefined : { column, check: `(${sql} IS NULL OR ${cast} IS NOT NULL)` }
}

/** FORCE_NULL and its kin name columns, and HEADER MATCH has the file name them. */
function namesColumns({ defname, arg }: DefElem): boolean {
  const match = arg && 'String' in arg && arg.String.sval?.toLowerCase() === 'match'
  return (defname === 'header' && match === true) || (defname?.startsWith('force_n') === true && arg !== undefined)
}

/** Integers of two widths are sent in as many bytes. */
const isBinary = ({ defname, arg }: DefElem): boolean =>
  defname === 'format' && arg !== undefined && 'String' in arg && arg.String.sval === 'binary'

interface Renaming {
  readonly listed: readonly string[]
  readonly names: readonly string[]
  readonly renamed: ReadonlyMap<string, string>
  readonly places: CopyPlaces
  /** The table has other columns than the application knows, so that a list must be written. */
  readonly whole: boolean
}

function renameColumns(context: PlanContext, { listed, names, renamed, places, whole }: Renaming): void {
  const { edits } = context
  if (listed.length === 0) {
    if (whole) edits.after(places.table.end, ` (${quoted(names.map((name) => renamed.get(name) ?? name))})`)
    return
  }
  for (const [index, name] of listed.entries()) {
    const [range, other] = [places.columns?.[index], renamed.get(name)]
    if (range && other !== undefined) edits.replace(range, quoteIdentifier(other))
  }
}

/** A value that the logical column would not have taken is refused by the condition, with the same code. */
function addChecks(context: PlanContext, { whereClause }: CopyStmt, places: CopyPlaces, checks: string): void {
  const { source, edits } = context
  const { start, end } = copyConditionPlace(source, places)
  if (whereClause === undefined) {
    edits.after(end, ` WHERE ${checks}`)
    return
  }
  edits.after(start, ` ${checks} AND (`)
  edits.after(end, ')')
}
