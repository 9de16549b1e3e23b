import type { IndexMetadata } from 'typeorm/metadata/IndexMetadata.js'
import type { MigratingColumnOptions } from './migrating-column-options.ts'
import { typeormError } from './typeorm-error.ts'
import { dataSourceOf } from './typeorm-versions.ts'

export interface Declaration {
  readonly property: string
  readonly options: MigratingColumnOptions
}

/**
 * What a declaration leaves in TypeORM's own metadata: an index whose columns are this function. So it goes wherever a
 * column of its class goes, into subclasses, embedded entities and schemas, and TypeORM calls it when a DataSource builds
 * its metadata. MigratingDataSource takes it out again. In any other DataSource it throws: there the other column would be
 * written by nobody, and dropped by the next schema:sync.
 */
export interface DeclarationMarker {
  (this: IndexMetadata, properties: object): string[]
  readonly [DECLARATION]: Declaration
}

// By their description, because a program may have this package twice: as a module and by `require`, or in two versions.
const DECLARATION = Symbol.for('expand-contract.typeorm.declaration')
const MIGRATING = Symbol.for('expand-contract.typeorm.data-source')

export function declarationMarker(declaration: Declaration): DeclarationMarker {
  const marker = function (this: IndexMetadata, properties: object): string[] {
    const { targetName } = this.entityMetadata
    if (MIGRATING in dataSourceOf(this.entityMetadata)) return [anyColumn(properties)]
    throw typeormError('EC_TYPEORM_DATA_SOURCE', {
      message: `The property ${JSON.stringify(declaration.property)} of ${targetName} is a migrating column, but the DataSource that loads ${targetName} is a plain one: it would write one of the two columns, and its schema builder would drop the other.`,
      hint: 'Make it a `new MigratingDataSource(options)` of @expand-contract/typeorm, also in the file that the TypeORM CLI is given.',
    })
  }
  return Object.assign(marker, { [DECLARATION]: declaration })
}

/** The declaration that an index stands for; undefined for an index that is one. */
export function declarationOf(index: IndexMetadata): Declaration | undefined {
  const columns: unknown = index.givenColumnNames
  if (typeof columns !== 'function' || !(DECLARATION in columns)) return undefined
  return (columns as DeclarationMarker)[DECLARATION]
}

export function markAsMigrating(dataSource: object): void {
  Object.defineProperty(dataSource, MIGRATING, { value: true })
}

/** TypeORM wants an index to have a column, whichever. */
function anyColumn(properties: object): string {
  for (const value of Object.values(properties) as unknown[]) {
    const path = typeof value === 'object' && value !== null ? anyColumn(value) : String(value)
    if (path !== '') return path
  }
  return ''
}
