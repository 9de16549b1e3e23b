import { ExpandContractError, type Migration, quoteTable } from '@expand-contract/core'
import type { Catalog } from '@expand-contract/sql'

interface Conflict {
  /** Declared on a partition or an inheritance child. */
  readonly own: Migration
  /** Declared on what that inherits from. */
  readonly inherited: Migration
  readonly column: string
}

/**
 * The first column that is declared to migrate on a table and once more on its partition or inheritance child. A migration
 * holds for everything that inherits from its table, so such a column would be written twice (42701). Which table inherits
 * from which the catalog alone knows.
 */
export function inheritedConflict({ tables }: Pick<Catalog, 'tables'>): Conflict | undefined {
  for (const { migrations } of tables) {
    const [above, here] = [true, false].map((inherits) =>
      migrations.flatMap(({ migration, inheritedFrom }) =>
        (inheritedFrom !== undefined) === inherits ? [migration] : [],
      ),
    )
    for (const own of here ?? [])
      for (const inherited of above ?? []) {
        const column = columnsOf(inherited).find((each) => columnsOf(own).includes(each))
        if (column !== undefined) return { own, inherited, column }
      }
  }
  return undefined
}

const columnsOf = (migration: Migration): readonly string[] =>
  [...migration.old, ...migration.new].map(({ name }) => name)

export function inheritedConflictError({ own, inherited, column }: Conflict): ExpandContractError {
  const [below, above] = [quoteTable(own.table), quoteTable(inherited.table)]
  return new ExpandContractError('EC_CONFLICT', {
    message: `The migrations ${inherited.id} and ${own.id} both have the column ${JSON.stringify(column)}, since ${below} is a partition or an inheritance child of ${above}.`,
    hint: `Remove ${own.id}: the migration of ${above} holds for everything that inherits from it.`,
    migration: own.id,
  })
}
