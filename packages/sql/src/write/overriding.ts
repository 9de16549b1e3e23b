import type { InsertPlaces } from '../parse/insert-places.ts'
import { columnOf, type DecidedMigration, typeOf } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { WriteTarget } from './write-target.ts'
import type { Assigned } from './written-values.ts'

/** What an INSERT says of identity columns: USER VALUE has PostgreSQL ignore what is given for them. */
export type Overriding = 'user' | 'system' | undefined

export function overridingOf(override: string | undefined): Overriding {
  if (override === 'OVERRIDING_USER_VALUE') return 'user'
  return override === 'OVERRIDING_SYSTEM_VALUE' ? 'system' : undefined
}

/** What has to be done about OVERRIDING USER VALUE. */
export interface UserValues {
  /** Both columns get what is drawn, so nothing may be ignored: OVERRIDING SYSTEM VALUE takes the place of it. */
  readonly replaced: boolean
  /** True for a listed column whose value must not be taken, since PostgreSQL would not have. */
  readonly ignores: (name: string) => boolean
}

const NONE: UserValues = { replaced: false, ignores: () => false }

/** `decidedMigrations` are those whose shadow is written. */
export function userValues(
  overriding: Overriding,
  target: WriteTarget,
  decidedMigrations: readonly DecidedMigration[],
  position: number | undefined,
): UserValues {
  if (overriding !== 'user') return NONE
  const replaced = decidedMigrations.some(
    (decided) =>
      decided.writesLogical && [...decided.compiled.logical, ...decided.compiled.shadow].some(isIdentity(decided)),
  )
  return {
    replaced,
    ignores(name) {
      const decided = target.decidedMigrations.find(({ compiled }) => compiled.logical.includes(name))
      if (decided === undefined) {
        const [first] = target.decidedMigrations
        return replaced && first !== undefined && isIdentity(first)(name)
      }
      if (!isIgnored(decided, name, position)) return false
      return replaced || !decided.compiled.shadow.some(isIdentity(decided))
    },
  }
}

const isIdentity =
  (decided: DecidedMigration) =>
  (name: string): boolean =>
    columnOf(decided, name)?.identity !== undefined

/** True where the logical column is an identity column, or its numbers come from one. */
function isIgnored(decided: DecidedMigration, logical: string, position: number | undefined): boolean {
  const own = columnOf(decided, logical)
  if (own?.identity) return true
  if (own?.default !== undefined) return false
  const { shadow } = decided.compiled
  if (shadow.some(isIdentity(decided))) return true
  // A column that draws from a sequence may have come in place of an identity column, or of one that was none.
  if (shadow.some((name) => columnOf(decided, name)?.default?.includes('nextval(')))
    throw new Unprovable('write', decided, 'overriding', position)
  return false
}

/**
 * A value that is ignored, as it stays in the text, never evaluated: it can hold a parameter, or be one that PostgreSQL
 * refuses. undefined where it is neither.
 */
export function ignoredSql(
  context: PlanContext,
  decided: DecidedMigration,
  name: string,
  { node, range }: Assigned,
): string | undefined {
  const sql = context.edits.take(range)
  if ('A_Const' in node && (node.A_Const.ival || node.A_Const.isnull)) return undefined
  const type = typeOf(decided, name) ?? columnOf(decided, name)?.type
  return `(${sql})${type ? `::${type.bare}` : ''}`
}

/** Writes SYSTEM in place of USER. */
export function overrideSystem({ edits }: PlanContext, { overriding }: InsertPlaces): void {
  if (overriding) edits.replace(overriding.word, 'SYSTEM')
}
