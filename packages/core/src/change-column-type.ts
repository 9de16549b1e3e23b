import { buildMigration } from './define-migration.ts'
import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import { checkIdentifier } from './identifier.ts'
import type { DeclarationOptions, Mapping, Migration } from './migration.ts'

export interface ChangeColumnType extends DeclarationOptions {
  /** The column as it is now. */
  readonly from: string
  /** The name of the column with the new type; it must differ, since both exist at once. */
  readonly to: string
  /** The new type. */
  readonly type: string
  /** The old type. Needed unless `backward` is given: after the old column is dropped nothing else tells what the application expects. */
  readonly fromType?: string
  /** The new value as SQL over the old column. @defaultValue a cast to `type` */
  readonly forward?: string
  /** The old value as SQL over the new column. @defaultValue a cast to `fromType` */
  readonly backward?: string
}

/**
 * Declares that a column gets another type, with or without another format.
 *
 * ```ts
 * changeColumnType({ table: 'orders', from: 'quantity', fromType: 'int4', to: 'quantity_big', type: 'int8' })
 * changeColumnType({ table: 'orders', from: 'amount', to: 'amount_numeric', type: 'numeric(12,2)',
 *                    forward: 'amount::numeric / 100', backward: '(amount_numeric * 100)::int' })
 * ```
 * @throws as defineMigration; EC_MAPPING_MISSING without both `fromType` and `backward`
 */
export function changeColumnType({
  from,
  to,
  type,
  fromType,
  forward,
  backward,
  ...options
}: ChangeColumnType): Migration {
  checkIdentifier(from, 'The column `from` of changeColumnType')
  checkIdentifier(to, 'The column `to` of changeColumnType')
  if (fromType === undefined && backward === undefined) {
    const code: CoreErrorCode = 'EC_MAPPING_MISSING'
    throw new ExpandContractError(code, {
      message: `The type change of ${JSON.stringify(from)} in ${JSON.stringify(options.table)} says neither its old type nor how to compute the old value.`,
      hint: `Add \`fromType\` (the type of ${JSON.stringify(from)} today), or \`backward\` as SQL over ${JSON.stringify(to)}.`,
    })
  }
  const mapping = (sql: string | undefined, column: string): Mapping =>
    sql === undefined ? { kind: 'column', column } : { kind: 'sql', sql }
  return buildMigration({
    ...options,
    old: { [from]: fromType },
    new: { [to]: type },
    forward: { [to]: mapping(forward, from) },
    backward: { [from]: mapping(backward, to) },
  })
}
