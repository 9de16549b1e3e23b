import { ExpandContractError } from '@expand-contract/core'
import type { Catalog, MappingFunction } from '@expand-contract/sql'
import type { SessionErrorCode } from '../error-catalogue.ts'
import type { CatalogContent } from './catalog-content.ts'

/** What the catalog has of the migrations' tables, and of the functions that mappings call. */
export interface MappingFacts {
  readonly called: readonly MappingFunction[]
  readonly content: Pick<CatalogContent, 'functions'>
  readonly catalog: Pick<Catalog, 'tables'>
}

/**
 * Looks for functions of mappings that the database declares VOLATILE: a mapping is evaluated on each write and again on
 * each read and comparison, so it must give the same each time. Of overloads that differ nothing is said. A function that
 * was created without a word about it is VOLATILE (https://www.postgresql.org/docs/current/xfunc-volatility.html).
 *
 * No statement is sent then, but where the old column is alone, since no mapping is used there, or where the statements of this
 * process were right so far, which must not begin to fail.
 */
export class VolatileFunctions {
  /** Migrations whose mappings were in use, and not volatile. */
  readonly #trusted = new Set<string>()
  readonly #lenient: boolean

  /** `lenient`: tells all of them, and refuses nothing. */
  constructor(lenient: boolean) {
    this.#lenient = lenient
  }

  /**
   * What to warn of.
   * @throws EC_VOLATILE_FUNCTION
   */
  check({ called, content, catalog }: MappingFacts): readonly ExpandContractError[] {
    const begun = new Set(
      catalog.tables.flatMap(({ migrations }) =>
        migrations.flatMap(({ migration, physical }) => (physical === 'old' ? [] : [migration.id])),
      ),
    )
    const found = called.filter((_, index) => content.functions?.[index]?.volatile === true)
    const wrong = found.find(({ migration }) => begun.has(migration) && !this.#trusted.has(migration))
    if (wrong !== undefined && !this.#lenient) throw volatileFunctionError(wrong)
    for (const id of begun) this.#trusted.add(id)
    return found.map(volatileFunctionError)
  }
}

function volatileFunctionError({ migration, column, schema, name }: MappingFunction): ExpandContractError {
  const code: SessionErrorCode = 'EC_VOLATILE_FUNCTION'
  const written = schema === undefined ? name : `${schema}.${name}`
  return new ExpandContractError(code, {
    message: `The mapping of ${JSON.stringify(column)} in the migration ${migration} calls ${written}, which is VOLATILE in this database: it may give another result each time, so the columns could not be kept in step.`,
    hint: `If it depends on its arguments alone, say so with ALTER FUNCTION ${written} ... IMMUTABLE. Otherwise write the mapping without it.`,
    migration,
  })
}
