import { EntitySchema } from 'typeorm'
import { checkOptions } from './check-options.ts'
import { declarationMarker } from './declaration-marker.ts'
import type { MigratingColumnOptions } from './migrating-column-options.ts'

/**
 * An EntitySchema with migrating columns, by property; the form without decorators.
 *
 * ```ts
 * export const UserSchema = migratingSchema(
 *   new EntitySchema<User>({ name: 'User', columns: { id: { type: Number, primary: true }, name: { type: 'varchar' } } }),
 *   { name: { to: { name: 'full_name', type: 'text' }, flag: 'users-read-full-name' } },
 * )
 * ```
 *
 * The schema that was given stays as it is: use the one that is returned.
 * @throws EC_TYPEORM_OPTION
 */
export function migratingSchema<T>(
  schema: EntitySchema<T>,
  columns: { readonly [Property in keyof T & string]?: MigratingColumnOptions },
): EntitySchema<T> {
  const { options } = schema
  const markers = Object.entries<MigratingColumnOptions | undefined>(columns).flatMap(([property, declared]) =>
    declared === undefined
      ? []
      : [
          {
            columns: declarationMarker({ property, options: checkOptions(declared, `${options.name}.${property}`) }),
          },
        ],
  )
  return new EntitySchema<T>({ ...options, indices: [...(options.indices ?? []), ...markers] })
}
