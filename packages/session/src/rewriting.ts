import type { ExpandContractError, Migration } from '@expand-contract/core'
import type { Catalog, CatalogInput, MappingFunction, Rewriter } from '@expand-contract/sql'

/** What this package needs of `@expand-contract/sql`; the tests of the waist put a double in its place. */
export interface Rewriting {
  createRewriter(options: {
    readonly migrations: readonly Migration[]
    readonly without: ReadonlySet<string>
  }): Rewriter
  createCatalog(input: CatalogInput): Catalog
  /** Loads the parser; `plan` and `missing` may be called once it has resolved. */
  loadParser(): Promise<void>
  /** Why mappings do not compile, by migration. */
  mappingErrors(migrations: readonly Migration[]): ReadonlyMap<string, ExpandContractError>
  mappingFunctions(migrations: readonly Migration[]): readonly MappingFunction[]
  /** PostgreSQL's own functions that have one value throughout a statement. */
  readonly STABLE_FUNCTIONS: ReadonlySet<string>
  /** PostgreSQL's own functions whose columns in FROM are known, by name. */
  readonly TABLE_FUNCTIONS: ReadonlyMap<string, unknown>
}
