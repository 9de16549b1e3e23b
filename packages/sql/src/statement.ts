import type { DoStmt, Node } from 'libpg-query'
import { ROOT_SCOPE } from './resolve/scope.ts'
import { Unprovable } from './resolve/unprovable.ts'
import type { Work } from './resolve/work.ts'
import { planCopy } from './write/copy.ts'
import { planSetConstraints } from './write/set-constraints.ts'

/** The query that a statement carries, or the statement itself; undefined for one that is never rewritten. */
export function carriedQuery(node: Node): Node | undefined {
  if ('ExplainStmt' in node) return node.ExplainStmt.query && carriedQuery(node.ExplainStmt.query)
  if ('PrepareStmt' in node) return node.PrepareStmt.query
  if ('DeclareCursorStmt' in node) return node.DeclareCursorStmt.query
  if ('CreateTableAsStmt' in node)
    return node.CreateTableAsStmt.objtype === 'OBJECT_TABLE' ? node.CreateTableAsStmt.query : undefined
  const own =
    'SelectStmt' in node || 'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node
  return own || 'CopyStmt' in node || 'DoStmt' in node || 'ConstraintsSetStmt' in node ? node : undefined
}

/** Plans one statement: every edit it needs goes into the work's list. */
export function planStatement(work: Work, query: Node): void {
  if ('CopyStmt' in query) planCopy(work, query.CopyStmt)
  else if ('DoStmt' in query) planBlock(work, query.DoStmt)
  else if ('ConstraintsSetStmt' in query) planSetConstraints(work, query.ConstraintsSetStmt)
  else work.planQuery(work, query, ROOT_SCOPE)
}

/** A DO block may write whatever its text names. */
function planBlock(work: Work, block: DoStmt): void {
  const code = (block.args ?? []).flatMap((option) =>
    'DefElem' in option && option.DefElem.arg && 'String' in option.DefElem.arg
      ? [option.DefElem.arg.String.sval ?? '']
      : [],
  )
  const words = new Set(
    code
      .join(' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}_$]+/gu),
  )
  for (const table of work.catalog.tables) {
    const parts = table.name.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []
    if (!parts.every((part) => words.has(part))) continue
    const stance = work.stances(table).find((each) => each.writesShadow)
    if (stance) throw new Unprovable('write', stance, 'do-block', work.source.tokens[0]?.start)
  }
}

/** CREATE TABLE AS and SELECT INTO. */
export const createsTable = (node: Node): boolean =>
  'CreateTableAsStmt' in node || ('SelectStmt' in node && node.SelectStmt.intoClause !== undefined)

const COMMANDS: Readonly<Record<string, string>> = {
  SelectStmt: 'SELECT',
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
  CopyStmt: 'COPY',
  DoStmt: 'DO',
  ExplainStmt: 'EXPLAIN',
  PrepareStmt: 'PREPARE',
  ExecuteStmt: 'EXECUTE',
  DeclareCursorStmt: 'DECLARE CURSOR',
  CreateTableAsStmt: 'CREATE TABLE AS',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
}

/** What a statement is called in events. */
export function commandOf(node: Node | undefined): string {
  const kind = Object.keys(node ?? {})[0] ?? ''
  return (
    COMMANDS[kind] ??
    kind
      .replace(/Stmt$/u, '')
      .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, ' ')
      .toUpperCase()
  )
}
