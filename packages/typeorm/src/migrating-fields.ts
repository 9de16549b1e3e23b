import type { EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { IndexMetadata } from 'typeorm/metadata/IndexMetadata.js'
import { otherColumns } from './check-options.ts'
import { type Declaration, declarationOf } from './declaration-marker.ts'
import type { MigratingColumnOptions, OtherColumn } from './migrating-column-options.ts'
import { typeormError } from './typeorm-error.ts'
import { columnMetadata } from './typeorm-versions.ts'

/** A column with the name by which mappings refer to it. */
export interface NamedColumn {
  readonly key: string
  readonly column: ColumnMetadata
}

/** One declaration on one table, with the names that naming strategy, prefixes and embedding have made of it. */
export interface DeclaredField {
  readonly entity: EntityMetadata
  readonly options: MigratingColumnOptions
  /** The side that the entity names. */
  readonly app: 'old' | 'new'
  /** What the entity maps. */
  readonly logical: readonly NamedColumn[]
  /** The other side, which is in no entity. */
  readonly shadow: readonly NamedColumn[]
}

/**
 * Takes the declarations out of the metadata of a DataSource. A table of several entities (single-table inheritance) has
 * each of them once.
 * @throws EC_TYPEORM_COLUMN
 */
export function takeFields(entities: readonly EntityMetadata[]): readonly DeclaredField[] {
  const fields = new Map<string, DeclaredField>()
  for (const entity of entities) {
    for (const declared of takeDeclarations(entity)) {
      const field = fieldOf(entity, declared)
      const columns = field.logical.map(({ column }) => column.databaseName)
      const key = JSON.stringify([entity.tablePath, columns])
      if (!fields.has(key)) fields.set(key, field)
    }
  }
  return [...fields.values()]
}

interface DeclaredIndex {
  readonly index: IndexMetadata
  readonly declaration: Declaration
}

function takeDeclarations(entity: EntityMetadata): readonly DeclaredIndex[] {
  const nearest = new Map<string, DeclaredIndex>()
  for (const index of entity.indices) {
    const declaration = declarationOf(index)
    if (declaration === undefined) continue
    const path = propertyPath(index, declaration.property)
    const other = nearest.get(path)
    if (other !== undefined && other.declaration !== declaration && other.index.target === index.target)
      throw typeormError('EC_TYPEORM_COLUMN', {
        message: `The property ${JSON.stringify(path)} of ${entity.name} is declared as migrating twice.`,
        hint: 'A column has one migration at a time: keep one declaration, and finish it before the next.',
      })
    if (other === undefined || isSubclass(index.target, other.index.target)) nearest.set(path, { index, declaration })
  }
  const isOwn = (index: IndexMetadata): boolean => declarationOf(index) === undefined
  entity.indices = entity.indices.filter(isOwn)
  entity.ownIndices = entity.ownIndices.filter(isOwn)
  return [...nearest.values()]
}

const isSubclass = (target: unknown, base: unknown): boolean =>
  typeof target === 'function' && typeof base === 'function' && target.prototype instanceof base

const propertyPath = ({ embeddedMetadata }: IndexMetadata, property: string): string =>
  embeddedMetadata === undefined ? property : `${embeddedMetadata.propertyPath}.${property}`

function fieldOf(entity: EntityMetadata, { index, declaration }: DeclaredIndex): DeclaredField {
  const { options } = declaration
  const logical = [declaration.property, ...(options.with ?? [])].map((property) => ({
    key: property,
    column: columnOf(entity, propertyPath(index, property)),
  }))
  const shadow = otherColumns(options).map((other) => ({ key: other.name, column: shadowColumn(entity, index, other) }))
  return { entity, options, app: options.to === undefined ? 'new' : 'old', logical, shadow }
}

/** The column of a property; that of a relation where it has one join column. */
function columnOf(entity: EntityMetadata, path: string): ColumnMetadata {
  const found = entity.columns.filter((column) => column.propertyPath === path)
  const columns =
    found.length > 0 ? found : entity.columns.filter((each) => each.relationMetadata?.propertyPath === path)
  const [column] = columns
  if (column === undefined || columns.length > 1 || column.isVirtualProperty)
    throw typeormError('EC_TYPEORM_COLUMN', {
      message: `The property ${JSON.stringify(path)} of ${entity.name} is declared as migrating, but has ${columns.length > 1 ? 'several columns' : 'no column'}.`,
      hint: 'Put @MigratingColumn beside @Column, or on a relation with one @JoinColumn; declare other shapes with defineMigration, in `migrations` of the second argument of MigratingDataSource.',
    })
  if (entity.tableType === 'view' || column.asExpression !== undefined)
    throw typeormError('EC_TYPEORM_COLUMN', {
      message: `The property ${JSON.stringify(path)} of ${entity.name} is declared as migrating, but ${entity.tableType === 'view' ? 'is a column of a view' : 'is computed by PostgreSQL (asExpression)'}, so nothing can be written to it.`,
      hint: 'Declare the columns that it is made of.',
    })
  return column
}

/** The column as TypeORM would have it, had it been declared beside the other. It is never added to the entity. */
function shadowColumn(entity: EntityMetadata, { embeddedMetadata, target }: IndexMetadata, other: OtherColumn) {
  const column = columnMetadata({
    entityMetadata: entity,
    ...(embeddedMetadata === undefined ? {} : { embeddedMetadata }),
    args: {
      target: target ?? entity.target,
      mode: 'regular',
      propertyName: other.name,
      options: { ...other, nullable: true },
    },
  })
  const taken = entity.columns.find((each) => each.databaseName === column.databaseName)
  if (taken !== undefined)
    throw typeormError('EC_TYPEORM_COLUMN', {
      message: `The other column ${JSON.stringify(column.databaseName)} of a migration of ${entity.name} is that of its property ${JSON.stringify(taken.propertyPath)} already.`,
      hint: 'An entity maps one side of a migration: remove the property, or give the other column a name of its own.',
    })
  return column
}
