import { columnOf, type Stance, typeOf } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { Work } from '../resolve/work.ts'
import type { InsertLayout } from './insert-columns.ts'
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

/** `stances` are those whose shadow is written. */
export function userValues(
  overriding: Overriding,
  target: WriteTarget,
  stances: readonly Stance[],
  position: number | undefined,
): UserValues {
  if (overriding !== 'user') return NONE
  const replaced = stances.some(
    (stance) =>
      stance.writesLogical && [...stance.compiled.logical, ...stance.compiled.shadow].some(isIdentity(stance)),
  )
  return {
    replaced,
    ignores(name) {
      const stance = target.stances.find(({ compiled }) => compiled.logical.includes(name))
      if (stance === undefined) {
        const [first] = target.stances
        return replaced && first !== undefined && isIdentity(first)(name)
      }
      if (!isIgnored(stance, name, position)) return false
      return replaced || !stance.compiled.shadow.some(isIdentity(stance))
    },
  }
}

const isIdentity =
  (stance: Stance) =>
  (name: string): boolean =>
    columnOf(stance, name)?.identity !== undefined

/** True where the logical column is an identity column, or its numbers come from one. */
function isIgnored(stance: Stance, logical: string, position: number | undefined): boolean {
  const own = columnOf(stance, logical)
  if (own?.identity) return true
  if (own?.default !== undefined) return false
  const { shadow } = stance.compiled
  if (shadow.some(isIdentity(stance))) return true
  // A column that draws from a sequence may have come in place of an identity column, or of one that was none.
  if (shadow.some((name) => columnOf(stance, name)?.default?.includes('nextval(')))
    throw new Unprovable('write', stance, 'overriding', position)
  return false
}

/**
 * A value that is ignored, as it stays in the text, never evaluated: it can hold a parameter, or be one that PostgreSQL
 * refuses. undefined where it is neither.
 */
export function ignoredSql(work: Work, stance: Stance, name: string, { node, range }: Assigned): string | undefined {
  const sql = work.edits.take(range)
  if ('A_Const' in node && (node.A_Const.ival || node.A_Const.isnull)) return undefined
  const type = typeOf(stance, name) ?? columnOf(stance, name)?.type
  return `(${sql})${type ? `::${type.bare}` : ''}`
}

/** Writes SYSTEM in place of USER. */
export function overrideSystem({ source, edits }: Work, { overriding }: InsertLayout): void {
  const user = overriding && source.token(overriding.index + 1)
  if (user) edits.replace(user, 'SYSTEM')
}
