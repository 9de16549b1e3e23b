import { ExpandContractError } from '@expand-contract/core'
import type { MappingFunction } from '@expand-contract/sql'
import type { CatalogContent } from './catalog-content.ts'
import type { PgErrorCode } from './error-catalogue.ts'

/**
 * The first function of a mapping that the database declares VOLATILE: a mapping is evaluated on each write and again on
 * each read and comparison, so it must give the same each time. Of overloads that differ nothing is said. A function that
 * was created without a word about it is VOLATILE (https://www.postgresql.org/docs/current/xfunc-volatility.html).
 */
export function volatileFunction(
  called: readonly MappingFunction[],
  { functions }: Pick<CatalogContent, 'functions'>,
): MappingFunction | undefined {
  return called.find((_, index) => functions?.[index]?.volatile === true)
}

export function volatileFunctionError({ migration, column, schema, name }: MappingFunction): ExpandContractError {
  const code: PgErrorCode = 'EC_VOLATILE_FUNCTION'
  const written = schema === undefined ? name : `${schema}.${name}`
  return new ExpandContractError(code, {
    message: `The mapping of ${JSON.stringify(column)} in the migration ${migration} calls ${written}, which is VOLATILE in this database: it may give another result each time, so the columns could not be kept in step.`,
    hint: `If it depends on its arguments alone, say so with ALTER FUNCTION ${written} ... IMMUTABLE. Otherwise write the mapping without it.`,
    migration,
  })
}
