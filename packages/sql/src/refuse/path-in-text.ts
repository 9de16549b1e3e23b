import { type Migration, mentions } from '@expand-contract/core'
import type { FuncCall } from 'libpg-query'
import type { Catalog } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { namesInTree } from '../parse/names-in-tree.ts'
import type { ParsedStatement } from '../parse/parsed-statement.ts'

/** What changes the search path in a text, and the migrations whose tables may be meant behind it. */
export interface PathInText {
  readonly command: string
  readonly migrations: readonly Migration[]
}

export interface PathQuestion {
  readonly statements: readonly ParsedStatement[]
  readonly migrations: readonly Migration[]
  readonly catalog: Catalog
  /** The open transaction has changed the path or the catalog, so its end changes them again. */
  readonly changedInTransaction: boolean
}

/**
 * A text that changes the search path and then names a migrating table: which table that is, is known only once the
 * first part has run. Such a text is refused, since a guess could leave a column unwritten. undefined for all others.
 */
export function pathInText(question: PathQuestion): PathInText | undefined {
  const { statements, catalog, changedInTransaction } = question
  for (const [at, statement] of statements.entries()) {
    const command = changesPath(statement) ?? (changedInTransaction ? endsTransaction(statement) : undefined)
    if (command === undefined) continue
    const behind = statements
      .slice(at + 1)
      .map(({ node }) => ({ block: 'DoStmt' in node, names: [...namesInTree(node)] }))
    const isNamed = (wanted: readonly string[]): boolean =>
      behind.some(({ block, names }) => names.some((name) => (block ? mentions(name, wanted) : wanted.includes(name))))
    if (isNamed(catalog.aliases)) return { command, migrations: question.migrations }
    const migrations = question.migrations.filter(({ table, constraints }) =>
      isNamed([table.name, ...Object.entries(constraints).flat()]),
    )
    return migrations.length === 0 ? undefined : { command, migrations }
  }
  return undefined
}

const SETTINGS = new Set(['search_path', 'role', 'session_authorization'])

/** The command of a statement that changes what a name without a schema stands for. */
function changesPath({ node, called }: ParsedStatement): string | undefined {
  if ('DiscardStmt' in node) return 'DISCARD'
  if ('VariableSetStmt' in node) {
    const { kind, name = '' } = node.VariableSetStmt
    const resets = kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL'
    const changes = kind === 'VAR_RESET_ALL' || SETTINGS.has(name.toLowerCase())
    return changes ? (resets ? 'RESET' : 'SET') : undefined
  }
  return called.some(setsPath) ? 'SELECT' : undefined
}

/** A call of set_config, unless it sets something else for certain. */
function setsPath({ funcname, args }: FuncCall): boolean {
  if (nameStrings(funcname).at(-1) !== 'set_config') return false
  const [setting] = args ?? []
  const name = setting && 'A_Const' in setting ? setting.A_Const.sval?.sval : undefined
  return name === undefined || SETTINGS.has(name.toLowerCase())
}

function endsTransaction({ node }: ParsedStatement): string | undefined {
  const kind = 'TransactionStmt' in node ? node.TransactionStmt.kind : undefined
  if (kind === 'TRANS_STMT_COMMIT') return 'COMMIT'
  return kind === 'TRANS_STMT_ROLLBACK' || kind === 'TRANS_STMT_ROLLBACK_TO' ? 'ROLLBACK' : undefined
}
