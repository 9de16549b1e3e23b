import { getMetadataArgsStorage } from 'typeorm'
import { checkOptions } from './check-options.ts'
import { declarationMarker } from './declaration-marker.ts'
import type { MigratingColumnOptions } from './migrating-column-options.ts'
import { typeormError } from './typeorm-error.ts'

/**
 * Declares that the column of a property is migrating. It stands beside `@Column`, in either order, and stays as it is from
 * before the new column exists until after the old one is gone.
 *
 * ```ts
 * @Entity()
 * class User {
 *   @PrimaryGeneratedColumn()
 *   id: number
 *
 *   @Column({ type: 'varchar' })
 *   @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'users-read-full-name' })
 *   name: string
 * }
 * ```
 *
 * The entity must be loaded by a MigratingDataSource; a plain DataSource refuses it with EC_TYPEORM_DATA_SOURCE.
 * @throws EC_TYPEORM_DECORATOR unless it is called as a legacy decorator (`experimentalDecorators`), as TypeORM's own are;
 * EC_TYPEORM_OPTION
 */
export function MigratingColumn(options: MigratingColumnOptions): PropertyDecorator {
  return (prototype: object | undefined, property: unknown) => {
    if (typeof prototype !== 'object' || prototype === null || typeof property !== 'string')
      throw notLegacy(prototype, property)
    const checked = checkOptions(options, `${prototype.constructor.name}.${property}`)
    getMetadataArgsStorage().indices.push({
      target: prototype.constructor,
      columns: declarationMarker({ property, options: checked }),
    })
  }
}

function notLegacy(target: unknown, property: unknown): Error {
  const standard = typeof property === 'object' && property !== null && 'kind' in property
  return typeormError('EC_TYPEORM_DECORATOR', {
    message: standard
      ? 'MigratingColumn was called as a standard (TC39) decorator, which TypeORM does not support.'
      : `MigratingColumn was put on ${typeof target === 'function' ? 'a static property' : 'something that is not a property'}.`,
    hint: standard
      ? 'Set `experimentalDecorators` in tsconfig.json (or `legacy` decorators in your compiler), as TypeORM requires; or declare the entity by an EntitySchema and migratingSchema().'
      : 'Put it beside @Column on a property of an entity class.',
  })
}
