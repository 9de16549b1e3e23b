import type { CatalogEvent, CatalogPhases, Migration, Observer, Runtime, WarningEvent } from '@expand-contract/core'
import type { BoundMigration, Catalog } from '@expand-contract/sql'
import type { Asking } from '../own-query/own-query.ts'
import type { CatalogSnapshot } from './catalog-snapshot.ts'
import { declarationFinding } from './declaration-warnings.ts'
import type { OldColumnsSeen } from './old-columns-seen.ts'
import { unseenWriters, unseenWriterWarnings } from './unseen-writers.ts'

export interface ReportOptions {
  readonly migrations: readonly Migration[]
  readonly observer: Observer
  readonly phaseOf: Runtime['phaseOf']
  readonly oldColumns: OldColumnsSeen
}

/** What the observer is told of the catalogs of one database: each thing once, and again when it is another. */
export class CatalogReports {
  readonly #options: ReportOptions
  readonly #physical = new Map<string, CatalogEvent['physical']>()
  readonly #warned = new Set<string>()

  constructor(options: ReportOptions) {
    this.#options = options
  }

  /** A catalog is known from now on. */
  loaded({ catalog, phases }: Pick<CatalogSnapshot, 'catalog' | 'phases'>): void {
    for (const migration of this.#options.migrations) {
      this.#warnOfDeclaration(migration, catalog, phases)
      const { schema, name } = migration.table
      const bound = catalog.relation(schema, name)?.migrations.find((each) => each.migration.id === migration.id)
      const physical = bound?.physical ?? 'missing-table'
      if (this.#physical.get(migration.id) === physical) continue
      this.#physical.set(migration.id, physical)
      this.#options.observer.onCatalog?.({ migration: migration.id, physical })
    }
  }

  /** A column that was seen before is not misspelt. */
  #warnOfDeclaration(migration: Migration, catalog: Catalog, phases: CatalogPhases | undefined): void {
    const { phaseOf, oldColumns } = this.#options
    const finding = declarationFinding(migration, catalog, { phaseOf: (each) => phaseOf(each, phases) })
    if (finding === undefined) return
    if (finding.code === 'missing-new-column' || !oldColumns.surely(migration.id)) this.warn(finding)
  }

  /** Each message once. */
  warn(warning: WarningEvent): void {
    const { onWarning } = this.#options.observer
    if (onWarning === undefined || this.#warned.has(warning.message)) return
    this.#warned.add(warning.message)
    onWarning(warning)
  }

  /** Once for each table, and again when something else is to be told of it. */
  *warnOfWriters({ tables }: Catalog, writers: number): Asking<void> {
    const concerned = tables.filter(({ migrations }) =>
      migrations.some((bound) => isWritten(bound) && !bound.syncTrigger),
    )
    if (this.#options.observer.onWarning === undefined || writers === 0 || concerned.length === 0) return
    const found = unseenWriterWarnings(yield* unseenWriters(concerned))
    for (const { table: _, ...warning } of found) this.warn(warning)
  }
}

/** Once the new column alone is there, a write of the old one fails by itself. */
const isWritten = ({ physical }: BoundMigration): boolean => physical === 'old' || physical === 'both'
