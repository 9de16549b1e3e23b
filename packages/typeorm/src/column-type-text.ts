import { quoteIdentifier } from '@expand-contract/core'
import { TableColumn } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { dataSourceOf } from './typeorm-versions.ts'

/** The type of a column as in CREATE TABLE: what the application expects once the column itself is gone. */
export function columnTypeText(column: ColumnMetadata): string {
  const { driver } = dataSourceOf(column.entityMetadata)
  const type = driver.normalizeType(column)
  if (type === 'enum') return `${enumName(column)}${column.isArray ? '[]' : ''}`
  const { precision, scale, spatialFeatureType, srid } = column
  return driver.createFullType(
    new TableColumn({
      name: column.databaseName,
      type,
      length: driver.getColumnLength(column),
      isArray: column.isArray,
      ...(precision == null ? {} : { precision }),
      ...(scale == null ? {} : { scale }),
      ...(spatialFeatureType === undefined ? {} : { spatialFeatureType }),
      ...(srid === undefined ? {} : { srid }),
    }),
  )
}

/** As TypeORM's query runner names the type of an enum column. */
function enumName({ enumName, databaseName, entityMetadata: { schema, tableName } }: ColumnMetadata): string {
  const name = enumName ?? `${tableName}_${databaseName.toLowerCase()}_enum`
  const parts = name.includes('.') || schema === undefined ? name.split('.') : [schema, name]
  return parts.map(quoteIdentifier).join('.')
}
