import { quoteIdentifier } from '@expand-contract/core'
import type { RangeVar } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import type { DecidedMigration } from './decided-migration.ts'
import type { LogicalTable } from './logical-columns.ts'

/** One thing that a FROM clause, or the target of a write, brings into view. */
export interface Entry {
  /** The name it goes by; undefined for a sub-select without an alias. */
  readonly name: string | undefined
  /** Set for a table without an alias: it can also be named with its schema. */
  readonly schema: string | undefined
  /** Columns as the application knows them. */
  readonly columns: readonly string[]
  /** It may have columns that are not known here. */
  readonly open: boolean
  /** Set for a migrating table that is read directly. */
  readonly table: MigratingEntry | undefined
  /** Set for a migrating table that was put behind a sub-select with its logical columns; one of its migrations. */
  readonly derived?: DecidedMigration | undefined
  /** Set for a sub-select that has whole rows of a migrating table among its values. */
  readonly rows?: DecidedMigration | undefined
  /** See `OutputColumns`. */
  readonly unplaced?: DecidedMigration | undefined
  /** The type of a column as the application knows it; not set where it is not known. */
  readonly typeOf?: (column: string) => ColumnType | undefined
}

export interface MigratingEntry {
  /** The table in the statement's tree; undefined for `excluded`, `old` and `new`. */
  readonly node: RangeVar | undefined
  readonly logical: LogicalTable
  /** Reads of a column: by its migration, or overruled (the row to be inserted has what is written). */
  readonly reads: (decided: DecidedMigration) => DecidedMigration['read']
  /** The row may be all NULL, as on the far side of an outer join. */
  readonly nullable: boolean
}

/** A column that can be named without its table. */
export interface VisibleColumn {
  readonly name: string
  readonly entry: Entry
  /** Made by USING or NATURAL of the columns of these entries, in the order in which the first that is not NULL counts. */
  readonly merged: readonly Entry[] | undefined
  /** The type that it has where the columns it was made of have two. */
  readonly cast?: ColumnType | undefined
  /** The join that made it is written with ON, so that its name alone means nothing: it is read from these entries. */
  readonly asOn?: { readonly of: readonly Entry[]; readonly decided: DecidedMigration } | undefined
}

/** The entries that a column is read from: the first that is not NULL counts. */
export const sourcesOf = ({ asOn, merged, entry }: VisibleColumn): readonly Entry[] => asOn?.of ?? merged ?? [entry]

/** The entry whose column it is, and nothing else. */
export function ownerOf(column: VisibleColumn): Entry | undefined {
  const [entry, ...others] = sourcesOf(column)
  return others.length > 0 || column.cast !== undefined ? undefined : entry
}

/** What a FROM clause, or a part of it, brings into view. */
export interface Namespace {
  /** What can be named in front of a dot. */
  readonly entries: readonly Entry[]
  /** What can be named alone, in the order of `*`. */
  readonly columns: readonly VisibleColumn[]
  /** Entries whose columns can be named alone. */
  readonly plain: readonly Entry[]
}

export const EMPTY_NAMESPACE: Namespace = { entries: [], columns: [], plain: [] }

export function namespaceOf(entry: Entry): Namespace {
  return {
    entries: [entry],
    columns: entry.columns.map((name) => ({ name, entry, merged: undefined })),
    plain: [entry],
  }
}

export function joinNamespaces(left: Namespace, right: Namespace): Namespace {
  return {
    entries: [...left.entries, ...right.entries],
    columns: [...left.columns, ...right.columns],
    plain: [...left.plain, ...right.plain],
  }
}

/** Output columns of a query; `open` when there may be more than are known. */
export interface OutputColumns {
  readonly names: readonly string[]
  readonly open: boolean
  /** See `Entry`. */
  readonly rows?: DecidedMigration | undefined
  /** Set where a star has a column in a place that was guessed, so that no place of a column means anything. */
  readonly unplaced?: DecidedMigration | undefined
}

/** One level of name resolution. */
export interface Scope {
  readonly namespace: Namespace
  readonly parent: Scope | undefined
  /** Common table expressions by name, inherited by inner levels through `parent`. */
  readonly ctes: ReadonlyMap<string, OutputColumns>
  /** Migrating columns are always the same logical expression here, since DISTINCT or GROUP BY compares expressions. */
  readonly exact?: boolean
  /** What JSON_TABLE is given: PostgreSQL takes no sub-select there, and gives it no collation, without which no strings are compared. */
  readonly inJsonTable?: boolean
  /** Columns that are grouped by, each as an expression: within a sub-select PostgreSQL does not take it for the same. */
  readonly grouped?: readonly { readonly entry: Entry; readonly column: string }[]
}

export const ROOT_SCOPE: Scope = { namespace: EMPTY_NAMESPACE, parent: undefined, ctes: new Map() }

export const innerScope = (parent: Scope, namespace: Namespace): Scope => ({ namespace, parent, ctes: new Map() })

export function findCte(scope: Scope | undefined, name: string): OutputColumns | undefined {
  for (let level = scope; level !== undefined; level = level.parent) {
    const found = level.ctes.get(name)
    if (found) return found
  }
  return undefined
}

/** The entry that a qualifier names, innermost level first. */
export function findEntry(scope: Scope | undefined, schema: string | undefined, name: string): Entry | undefined {
  for (let level = scope; level !== undefined; level = level.parent) {
    const found = level.namespace.entries.find(
      (entry) => entry.name === name && (schema === undefined || entry.schema === schema),
    )
    if (found) return found
  }
  return undefined
}

/** What a name without a table stands for. */
export interface Resolution {
  /** undefined: no column that is known. */
  readonly column: VisibleColumn | undefined
  /** A shadow column of this name is, or may come, into view: the name must get its table to stay what it is. */
  readonly hidden: DecidedMigration | undefined
  /** An entry with unknown columns stands nearer than the column that was found. */
  readonly uncertain: boolean
  readonly ambiguous: boolean
}

const NOTHING: Resolution = { column: undefined, hidden: undefined, uncertain: false, ambiguous: false }

/** Resolves a name as PostgreSQL does on the untouched schema: innermost level first, all entries of a level at once. */
export function resolveColumn(scope: Scope | undefined, name: string): Resolution {
  let hidden: DecidedMigration | undefined
  let uncertain = false
  for (let level = scope; level !== undefined; level = level.parent) {
    const { namespace } = level
    hidden ??= namespace.plain
      .map((entry) => entry.table?.logical.hidden.get(name))
      .find((decided) => decided !== undefined)
    const found = namespace.columns.filter((column) => column.name === name)
    if (found.length > 0) return { column: found[0], hidden, uncertain, ambiguous: found.length > 1 }
    if (namespace.plain.some((entry) => entry.open)) uncertain = true
  }
  return { ...NOTHING, hidden, uncertain }
}

/** A name that nothing in view has, for an alias of ours that must not be taken for a column. */
export function freeName(scope: Scope | undefined, base: string): string {
  const taken = new Set<string>()
  for (let level = scope; level !== undefined; level = level.parent)
    for (const entry of level.namespace.entries) {
      if (entry.name !== undefined) taken.add(entry.name)
      for (const name of [...entry.columns, ...(entry.table?.logical.hidden.keys() ?? [])]) taken.add(name)
    }
  let name = base
  while (taken.has(name)) name += '_'
  return name
}

/** SQL that names an entry in front of a dot, unmistakably at the level where it is visible. */
export function qualifierOf(entry: Entry, namespace: Namespace): string | undefined {
  if (entry.name === undefined) return undefined
  const twins = namespace.entries.filter((other) => other.name === entry.name)
  if (twins.length > 1 && entry.schema !== undefined)
    return `${quoteIdentifier(entry.schema)}.${quoteIdentifier(entry.name)}`
  return quoteIdentifier(entry.name)
}
