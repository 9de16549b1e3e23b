import { mentions } from '@expand-contract/core'
import type { EntityMetadata, Table } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { DeclaredField } from './migrating-fields.ts'

/** What a schema builder sees of one table while migrations of it are under way. */
export interface TableView {
  /** Columns that it must leave alone, with all that is on them. */
  readonly hidden: ReadonlySet<string>
  /** Columns that it is to add. */
  readonly added: readonly ColumnMetadata[]
}

/**
 * The one thing that a schema builder may do to a migrating column is to add the new one, nullable. From then on nothing on
 * it is touched, whatever was put there: indexes, constraints, NOT NULL. A column that is gone does not come back.
 * `table` is undefined where the table does not exist.
 */
export function tableView(fields: readonly DeclaredField[], table: Table | undefined): TableView {
  const existing = new Set(table?.columns.map((column) => column.name))
  const views = fields.map((field) =>
    field.app === 'old' ? viewFromOld(field, existing) : viewFromNew(field, existing),
  )
  return {
    hidden: new Set(views.flatMap((view) => [...view.hidden])),
    added: views.flatMap((view) => view.added),
  }
}

function viewFromOld({ logical, shadow }: DeclaredField, existing: ReadonlySet<string>): TableView {
  const missing = shadow.filter(({ column }) => !existing.has(column.databaseName))
  const dropped = missing.length > 0 ? [] : logical.filter(({ column }) => !existing.has(column.databaseName))
  return { hidden: names([...shadow, ...dropped]), added: missing.map(({ column }) => column) }
}

function viewFromNew({ logical, shadow }: DeclaredField, existing: ReadonlySet<string>): TableView {
  if (!shadow.some(({ column }) => existing.has(column.databaseName))) return { hidden: new Set(), added: [] }
  const missing = logical.filter(({ column }) => !existing.has(column.databaseName))
  return { hidden: names([...shadow, ...logical]), added: missing.map(({ column }) => bare(column)) }
}

const names = (columns: readonly { readonly column: ColumnMetadata }[]): ReadonlySet<string> =>
  new Set(columns.map(({ column }) => column.databaseName))

/**
 * Nullable and without default: a row that is written by others meanwhile must not look as if it had a value. The primary key
 * stays on the old column.
 */
const bare = (column: ColumnMetadata): ColumnMetadata =>
  Object.create(column, {
    isNullable: { value: true },
    default: { value: undefined },
    isGenerated: { value: false },
    isPrimary: { value: false },
  })

/** Takes what is hidden out of a table that was just loaded for a schema builder. */
export function hideInTable(table: Table, { hidden }: TableView): void {
  const onHidden = (names: readonly string[] | undefined, text?: string): boolean =>
    names?.some((name) => hidden.has(name)) === true || mentions(text ?? '', hidden)
  table.columns = table.columns.filter((column) => !hidden.has(column.name))
  table.indices = table.indices.filter((index) => !onHidden(index.columnNames, index.where))
  table.uniques = table.uniques.filter((unique) => !onHidden(unique.columnNames))
  table.checks = table.checks.filter((check) => !onHidden(check.columnNames, check.expression))
  table.exclusions = table.exclusions.filter((exclusion) => !onHidden([], exclusion.expression))
  table.foreignKeys = table.foreignKeys.filter((key) => !onHidden(key.columnNames))
}

/** The metadata of an entity without what is hidden, and with what is to be added. The entity itself stays as it is. */
export function metadataView(entity: EntityMetadata, { hidden, added }: TableView) {
  const onHidden = (columns: readonly ColumnMetadata[], text?: string): boolean =>
    columns.some((column) => hidden.has(column.databaseName)) || mentions(text ?? '', hidden)
  const view: Partial<EntityMetadata> = {
    columns: [...entity.columns.filter((column) => !hidden.has(column.databaseName)), ...added],
    indices: entity.indices.filter((index) => !onHidden(index.columns, index.where)),
    uniques: entity.uniques.filter((unique) => !onHidden(unique.columns)),
    checks: entity.checks.filter((check) => !onHidden([], check.expression)),
    exclusions: entity.exclusions.filter((exclusion) => !onHidden([], exclusion.expression)),
    foreignKeys: entity.foreignKeys.filter((key) => !onHidden(key.columns)),
  }
  return Object.create(entity, Object.getOwnPropertyDescriptors(view)) as EntityMetadata
}
