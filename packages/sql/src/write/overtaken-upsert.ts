import type { Decision } from '@expand-contract/core'
import type { InferClause, Node } from 'libpg-query'
import type { BoundMigration, Catalog, Relation } from '../catalog/catalog.ts'
import { heldColumnName } from '../catalog/held-column-name.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'
import { counterpartOf } from './set-constraints.ts'

/**
 * What tells that an upsert was overtaken by another one of the same new key. ON CONFLICT looks for a conflict in the index of its
 * target alone, and a row that came behind that look is refused at once by every other unique index, that of the other column
 * among them (`ExecInsertIndexTuples` in executor/execIndexing.c: UNIQUE_CHECK_YES unless it is an arbiter).
 */
export interface Overtaken {
  /** Indexes with the other column, as errors name them. Empty: there was none when the catalog was read. */
  readonly indexes: readonly IndexName[]
  /** The tables that are written, each with its indexes: one by another name is younger than what is known. */
  readonly tables: readonly {
    readonly schema: string
    readonly name: string
    readonly indexes: readonly string[]
  }[]
}

export interface IndexName {
  readonly schema: string
  readonly name: string
}

/** Those of the upserts of a statement that may be overtaken where the untouched statement may not. */
export function overtakenUpserts(
  { upserts }: ParsedStatement,
  catalog: Catalog,
  decisionOf: (bound: BoundMigration) => Decision,
): readonly Overtaken[] {
  return upserts.flatMap(({ relation: node, onConflictClause }) => {
    const relation = node && catalog.relation(node.schemaname, node.relname ?? '')
    const infer = onConflictClause?.infer
    if (!relation || infer === undefined) return []
    if (relation.kind === 'view') return relation.through.flatMap(({ table }) => ofViewed(table))
    return relation.migrations.flatMap((bound) => {
      const others = hasBoth(bound) ? otherSide(bound, arbiterColumns(infer, relation, bound), decisionOf(bound)) : []
      return others.length === 0 ? [] : overtakenOn(relation, [others])
    })
  })
}

export const mergedOvertaken = (all: readonly Overtaken[]): Overtaken => ({
  indexes: all.flatMap(({ indexes }) => indexes),
  tables: all.flatMap(({ tables }) => tables),
})

const hasBoth = ({ physical, held }: BoundMigration): boolean => physical === 'both' || held === true

function sidesOf({ migration: { app, old, new: added } }: BoundMigration): {
  readonly logical: readonly string[]
  readonly shadow: readonly string[]
} {
  const olds = old.flatMap(({ name }) => [name, heldColumnName(name)])
  const news = added.map(({ name }) => name)
  return app === 'old' ? { logical: olds, shadow: news } : { logical: news, shadow: olds }
}

/** The columns that the arbiter is not of, once the statement is planned; none where it is of no column of the migration. */
function otherSide(bound: BoundMigration, named: readonly string[], { write }: Decision): readonly string[] {
  const { logical, shadow } = sidesOf(bound)
  if (named.some((name) => logical.includes(name)))
    return write === 'both' || write === bound.migration.app ? shadow : logical
  return named.some((name) => shadow.includes(name)) ? logical : []
}

/** An index of two sides is needed, one of which is the arbiter: which of them is that of a column of the view is not told. */
function ofViewed(table: Relation): readonly Overtaken[] {
  return table.migrations.flatMap((bound) => {
    const { logical, shadow } = sidesOf(bound)
    return hasBoth(bound) ? overtakenOn(table, [logical, shadow]) : []
  })
}

/** Indexes of all of the sides; none, unless each side has one. */
function overtakenOn(relation: Relation, sides: readonly (readonly string[])[]): readonly Overtaken[] {
  const { schema, name, refusingIndexes = [], uniqueKeys, constraints = [] } = relation
  const ofSides = sides.map((side) =>
    refusingIndexes.filter(({ columns }) => columns.some((column) => side.includes(column))),
  )
  const found = ofSides.every((indexes) => indexes.length > 0) ? [...new Set(ofSides.flat())] : []
  const indexes = found.flatMap((index) => [
    { schema, name: index.name },
    ...index.leaves.map(([leafSchema, leaf]) => ({ schema: leafSchema, name: leaf })),
  ])
  const known = [...refusingIndexes, ...uniqueKeys, ...constraints].map((each) => each.name)
  return [{ indexes, tables: [{ schema, name, indexes: [...new Set(known)] }] }]
}

/** The columns of the index that ON CONFLICT names, by themselves or by a constraint. */
function arbiterColumns(infer: InferClause, relation: Relation, bound: BoundMigration): readonly string[] {
  const { conname } = infer
  if (conname === undefined) return namesIn(infer.indexElems)
  const { refusingIndexes = [], constraints = [] } = relation
  const known = [...refusingIndexes, ...constraints].find((each) => each.name === conname)
  if (known !== undefined) return known.columns
  return counterpartOf(bound, conname) === undefined ? [] : sidesOf(bound).logical
}

/** Constants are left out: what has looked at one may not be planned by its shape. */
function namesIn(nodes: readonly Node[] | undefined): readonly string[] {
  const names: string[] = []
  const pending: unknown[] = [nodes]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null) continue
    if ('IndexElem' in next) names.push((next.IndexElem as { readonly name?: string }).name ?? '')
    if ('ColumnRef' in next) {
      const { fields = [] } = next.ColumnRef as { readonly fields?: readonly Node[] }
      names.push(...fields.flatMap((field) => ('String' in field ? (field.String.sval ?? '') : [])))
    } else if (!('A_Const' in next)) pending.push(...Object.values(next))
  }
  return names
}
