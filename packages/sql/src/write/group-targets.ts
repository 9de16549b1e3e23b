import { quoteIdentifier } from '@expand-contract/core'
import type { ResTarget } from 'libpg-query'
import type { Range } from '../parse/source-text.ts'
import { type DecidedMigration, shadowValue } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import type { Scope } from '../resolve/scope.ts'
import { checkedSql } from './written-values.ts'

export interface Group {
  /** The targets of one `(a, b) = …`. */
  readonly group: readonly ResTarget[]
  /** The migrations that write their shadow, and of which there is a column among the targets. */
  readonly decidedMigrations: readonly DecidedMigration[]
  /** Every migration of the table. */
  readonly all: readonly DecidedMigration[]
  /** SQL of a logical column that the statement leaves alone. */
  readonly unassigned: (decided: DecidedMigration, logical: string) => string
  /** What the values may refer to. */
  readonly level: Scope
  /** SQL that names the table in front of a dot. */
  readonly qualifier: string
}

/** One of the columns of a group. */
export interface Place {
  readonly column: string
  /** With its subscripts. */
  readonly name: Range
  /** False for a part of the column: `tags[1]`. */
  readonly whole: boolean
}

/** The migration that a column is the logical side of. */
export const decidedMigrationOf = (
  decidedMigrations: readonly DecidedMigration[],
  column: string,
): DecidedMigration | undefined => decidedMigrations.find((decided) => decided.compiled.logical.includes(column))

/** Edits the target list, and tells what is taken for it from a sub-select whose columns are numbered. */
export function numberedItems(context: PlanContext, plan: Group, places: readonly Place[]): string {
  const sqlOf = (decided: DecidedMigration, logical: string): string => {
    const index = places.findIndex((place) => place.column === logical)
    return index < 0 ? plan.unassigned(decided, logical) : checkedSql(decided, logical, `ec.c${index + 1}`, undefined)
  }
  const items = replaceTargets(context, plan, places, sqlOf)
  const values = places.map((_, index) => `ec.c${index + 1}`)
  return [
    ...values.flatMap((value, index) => items.replaced.get(index) ?? (items.gone.has(index) ? [] : [value])),
    ...items.added,
  ].join(', ')
}

/** What the source must yield for the columns as they are now. */
export interface TargetChanges {
  /** Place to the value of the shadow column that takes it. */
  readonly replaced: Map<number, string>
  readonly gone: Set<number>
  readonly added: string[]
}

/** Edits the target list, and tells what the source must yield for it. */
export function replaceTargets(
  context: PlanContext,
  { decidedMigrations, unassigned }: Group,
  places: readonly Place[],
  sqlOf: (decided: DecidedMigration, logical: string) => string,
): TargetChanges {
  const changes: TargetChanges = { replaced: new Map(), gone: new Set(), added: [] }
  const names: string[] = []
  for (const decided of decidedMigrations) {
    const { logical, shadow } = decided.compiled
    const value = (name: string): string => shadowValue(decided, name, (column) => sqlOf(decided, column))
    if (decided.writesLogical) {
      const fresh =
        decided.read === 'shadow' ? logical.filter((name) => !places.some((place) => place.column === name)) : []
      names.push(...fresh, ...shadow)
      changes.added.push(...fresh.map((name) => unassigned(decided, name)), ...shadow.map(value))
      continue
    }
    const own = places.flatMap((place, index) => (logical.includes(place.column) ? [index] : []))
    for (const [order, index] of own.entries()) {
      const place = places[index]
      const name = shadow[order]
      if (place === undefined) continue
      if (name === undefined) {
        changes.gone.add(index)
        context.edits.remove({ start: places[index - 1]?.name.end ?? place.name.start, end: place.name.end })
      } else {
        changes.replaced.set(index, value(name))
        context.edits.replace(place.name, quoteIdentifier(name))
      }
    }
    const rest = shadow.slice(own.length)
    names.push(...rest)
    changes.added.push(...rest.map(value))
  }
  const last = places.at(-1)
  if (last && names.length > 0)
    context.edits.after(last.name.end, names.map((name) => `, ${quoteIdentifier(name)}`).join(''))
  return changes
}
