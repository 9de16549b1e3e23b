import type { Migration } from '@expand-contract/core'
import type { Catalog } from '../catalog/catalog.ts'
import type { CompiledMigration } from '../mapping/compiled-migration.ts'
import { commandOf } from '../parse/carried-query.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'
import type { ReasonCode } from '../resolve/reasons.ts'
import { columnsInText } from './columns-in-text.ts'
import { pathInText } from './path-in-text.ts'

/** What refuses a text of several statements, whatever is decided. */
export interface RefusedText {
  readonly code: ReasonCode
  readonly command: string
  readonly migrations: readonly Migration[]
}

export interface SeveralStatements {
  readonly refused: RefusedText | undefined
  /** The same when the open transaction has changed the search path. */
  readonly refusedAtEnd: RefusedText | undefined
}

interface Known {
  readonly catalog: Catalog
  readonly compiled: ReadonlyMap<string, CompiledMigration>
  readonly migrations: readonly Migration[]
}

/** undefined for a text of one statement. */
export function severalStatements(
  statements: readonly ParsedStatement[],
  { catalog, compiled, migrations }: Known,
): SeveralStatements | undefined {
  if (statements.length < 2) return undefined
  const added = columnsInText(statements, catalog, compiled.values())
  const columns: RefusedText | undefined =
    added.length === 0
      ? undefined
      : { code: 'columns-in-text', command: commandOf(statements[0]?.node), migrations: added }
  const refused = (changedInTransaction: boolean): RefusedText | undefined => {
    const path = pathInText({ statements, catalog, migrations, changedInTransaction })
    return path === undefined ? columns : { code: 'path-in-text', ...path }
  }
  return { refused: refused(false), refusedAtEnd: refused(true) }
}
