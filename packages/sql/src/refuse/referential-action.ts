import type { RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog, KeyEffect, Relation } from '../catalog/catalog.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { plainView } from './view-columns.ts'

/** A foreign key's action that a statement may set off, and where the statement says so. */
export interface SetOff {
  readonly effect: KeyEffect
  /** Everything else that the same change sets off. */
  readonly beside: readonly KeyEffect[]
  readonly node: RangeVar
}

/** What foreign keys do to migrating columns because of a statement. */
export function setOffBy({ deletesFrom, assigned }: ParsedStatement, catalog: Catalog): readonly SetOff[] {
  const relationOf = (node: RangeVar): Relation | null | undefined =>
    catalog.relation(node.schemaname, node.relname ?? '')
  const setOff = (node: RangeVar, occurs: (effect: KeyEffect, relation: Relation) => boolean): readonly SetOff[] => {
    const named = relationOf(node)
    const view = named && plainView(named)
    const relation = named && view ? { ...named, ...catalog.relationOf(view.table), oid: view.table } : named
    const effects = relation ? catalog.effectsOf(relation).filter((effect) => occurs(effect, relation)) : []
    return effects.map((effect) => ({ effect, beside: effects, node }))
  }
  return [
    ...deletesFrom.flatMap((node) => setOff(node, ({ by }) => by === 'delete')),
    ...[...new Set(assigned.map(({ relation }) => relation))].flatMap((node) => {
      const named = relationOf(node)
      const view = named ? plainView(named) : undefined
      const columns = assigned.flatMap(({ relation, column }) =>
        relation === node ? [view?.columns.get(column) ?? column] : [],
      )
      return setOff(node, ({ by }, relation) => by !== 'delete' && assigns(columns, by, relation))
    }),
  ]
}

/** A migrating column is assigned with all the others of its migration. */
function assigns(columns: readonly string[], keys: readonly string[], { migrations }: Relation): boolean {
  const groups = migrations.map(({ migration }) => [...migration.old, ...migration.new].map(({ name }) => name))
  const together = groups.filter((group) => group.some((name) => columns.includes(name))).flat()
  return keys.some((key) => columns.includes(key) || together.includes(key))
}

/** An action that sets one side of a migration, while the other side is written as well and does not follow. */
export function actionProblem(
  setOff: readonly SetOff[],
  decidedMigrationsOf: (relation: Relation) => readonly DecidedMigration[],
  offset: (location: number | undefined) => number,
): Unprovable | undefined {
  for (const { effect, beside, node } of setOff)
    for (const decided of decidedMigrationsOf(effect.table))
      if (partsSides(decided, effect, beside))
        return new Unprovable('write', decided, 'referential-action', offset(node.location))
  return undefined
}

function partsSides(decided: DecidedMigration, effect: KeyEffect, beside: readonly KeyEffect[]): boolean {
  const { compiled, bound } = decided
  if (bound.physical !== 'both') return false
  const sides = [
    { own: compiled.logical, toOther: compiled.toShadow, otherIsWritten: decided.writesShadow },
    { own: compiled.shadow, toOther: compiled.toLogical, otherIsWritten: decided.writesLogical },
  ]
  return sides.some(({ own, toOther, otherIsWritten }) => {
    if (!otherIsWritten) return false
    return own.some((column) => effect.columns.includes(column) && !follows(column, toOther, effect, beside))
  })
}

/** The copy of a column is set as the column is. What a default gives may differ. */
function follows(
  column: string,
  toOther: DecidedMigration['compiled']['toShadow'],
  { table, action }: KeyEffect,
  beside: readonly KeyEffect[],
): boolean {
  if (action === 'd') return false
  const copies = [...toOther].flatMap(([name, mapping]) =>
    mapping.kind === 'column' && mapping.column === column ? [name] : [],
  )
  return copies.some((copy) =>
    beside.some((each) => each.table === table && each.action === action && each.columns.includes(copy)),
  )
}

/** The migrations whose columns foreign keys set because of a statement. */
export const boundsSetOff = (setOff: readonly SetOff[]): readonly BoundMigration[] =>
  setOff.flatMap(({ effect }) =>
    effect.table.migrations.filter(({ migration }) =>
      [...migration.old, ...migration.new].some(({ name }) => effect.columns.includes(name)),
    ),
  )
