import type { Node } from 'libpg-query'

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
