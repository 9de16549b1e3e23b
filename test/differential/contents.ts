import { quoteIdentifier, type Side } from '@expand-contract/core'
import type pg from 'pg'
import { columnSql, type MigrationKind, type PartSpec, tableSql } from './migration-kinds/migration-kind.ts'

/** The tables as the application knows them, as one side of the migrating columns gives them. */
export interface Contents {
  readonly what: string
  readonly rows: readonly (readonly (string | null)[])[]
}

const FIXED = ['email', 'age', 'tags', 'meta', 'active']

/**
 * Reads the tables past the library, whatever class the client is of: through it the text would be rewritten, and prove
 * nothing.
 */
export async function contents(
  client: pg.ClientBase,
  base: typeof pg.Client,
  sql: string,
): Promise<readonly Contents[]> {
  const run = base.prototype.query as (this: pg.ClientBase, text: string) => Promise<pg.QueryResult | pg.QueryResult[]>
  const results = await run.call(client, sql)
  return [results].flat().map(({ rows }) => ({
    what: rows[0]?.what ?? 'empty',
    rows: rows.map((row: { values: readonly (string | null)[] }) => row.values),
  }))
}

/** Reads everything of a database where the logical columns of the side exist. */
export const twinContentsSql = (kind: MigrationKind, app: Side): string =>
  [tableOfSide(kind, app, app), ...peers(kind)].join(';\n')

/** Reads everything of a migrated database, once for each side that must hold the values of the application. */
export const contentsSql = (kind: MigrationKind, app: Side, written: readonly Side[]): readonly string[] =>
  written.map((side) => [tableOfSide(kind, app, side), ...peers(kind)].join(';\n'))

/** Counts the rows whose two sides are not in step. */
export function outOfStepSql(kind: MigrationKind): string {
  const conditions = kind.parts.map((part) =>
    part.columns.new.map((column, index) => `${columnSql(column.name)} is distinct from ${part.computed.new[index]}`),
  )
  return `select 'rows out of step' as what, array[count(*)::text] as values from ${tableSql(kind)} where ${conditions.flat().join(' or ')}`
}

function tableOfSide(kind: MigrationKind, app: Side, side: Side): string {
  const logical = kind.parts.flatMap((part) => partColumns(part, app, side))
  const columns = [...(kind.key ? [] : ['id']), ...FIXED, ...logical]
  return `select '${side} side of the table' as what, array[${columns.map((column) => `(${column})::text`).join(', ')}] as values from ${tableSql(kind)}`
}

const partColumns = (part: PartSpec, app: Side, side: Side): readonly string[] =>
  part.columns[app].map((column, index) =>
    side === app ? columnSql(column.name) : `(${part.computed[app][index]})::${column.type}`,
  )

function peers(kind: MigrationKind): readonly string[] {
  return (['posts', 'notes'] as const).map((peer) => {
    const side: Side = peer === 'posts' ? 'old' : 'new'
    const like = kind.key ? [] : kind.parts.flatMap((part) => part.columns[side].map((column) => column.name))
    const columns = ['id', 'author_id', 'title', 'score', ...like.map(quoteIdentifier)]
    return `select '${peer}' as what, array[${columns.map((column) => `${column}::text`).join(', ')}] as values from ${peer}`
  })
}
