import type { Migration, Side } from '@expand-contract/core'
import { compileMigration } from './compiled-migration.ts'
import { renderTemplate } from './mapping-template.ts'

/** A column's value from the other side: a copy of one column, or an expression. */
export interface RenderedMapping {
  /** The column that is copied; undefined for an expression. */
  readonly copied: string | undefined
  readonly sql: string
}

/**
 * What the columns of one side are computed as, by column: their mappings, with what `value` gives for each column of the other side.
 * `loadParser` must have been awaited.
 * @throws EC_EXPRESSION, EC_MAPPING_COLUMN
 */
export function renderMappings(
  migration: Migration,
  side: Side,
  value: (column: string) => string,
): ReadonlyMap<string, RenderedMapping> {
  const { logicalSide, toLogical, toShadow } = compileMigration(migration)
  const mappings = side === logicalSide ? toLogical : toShadow
  return new Map(
    [...mappings].map(([column, mapping]) => [
      column,
      mapping.kind === 'column'
        ? { copied: mapping.column, sql: value(mapping.column) }
        : { copied: undefined, sql: renderTemplate(mapping.template, value) },
    ]),
  )
}
