import type { Node } from 'libpg-query'
import { fieldsOf, kindOf, type NodeKind, type NodeOf } from './node-kind.ts'

/** Statements that are sent as they are: what they define, move or set has no rows, or a query that is stored. */
export type SentAsItIs =
  | Exclude<Extract<NodeKind, `${'Alter' | 'Create' | 'Drop' | 'Grant'}${string}Stmt`>, 'CreateTableAsStmt'>
  | 'CallStmt'
  | 'CheckPointStmt'
  | 'ClosePortalStmt'
  | 'ClusterStmt'
  | 'CommentStmt'
  | 'CompositeTypeStmt'
  | 'DeallocateStmt'
  | 'DefineStmt'
  | 'DiscardStmt'
  | 'DropdbStmt'
  | 'ExecuteStmt'
  | 'FetchStmt'
  | 'ImportForeignSchemaStmt'
  | 'IndexStmt'
  | 'ListenStmt'
  | 'LoadStmt'
  | 'LockStmt'
  | 'NotifyStmt'
  | 'PLAssignStmt'
  | 'RawStmt'
  | 'ReassignOwnedStmt'
  | 'RefreshMatViewStmt'
  | 'ReindexStmt'
  | 'RenameStmt'
  | 'ReplicaIdentityStmt'
  | 'ReturnStmt'
  | 'RuleStmt'
  | 'SecLabelStmt'
  | 'SetOperationStmt'
  | 'TransactionStmt'
  | 'TruncateStmt'
  | 'UnlistenStmt'
  | 'VacuumStmt'
  | 'VariableSetStmt'
  | 'VariableShowStmt'
  | 'ViewStmt'

type Planned = Exclude<Extract<NodeKind, `${string}Stmt`>, SentAsItIs>

type Carried<K extends NodeKind> = 'itself' | ((statement: NodeOf<K>) => Node | undefined)

/** A statement of a new PostgreSQL does not compile until it is here or among those above, unless its name begins as theirs do. */
const CARRIED: { readonly [K in Planned]: Carried<K> } = {
  ConstraintsSetStmt: 'itself',
  CopyStmt: 'itself',
  CreateTableAsStmt: ({ objtype, query }) => (objtype === 'OBJECT_TABLE' ? query : undefined),
  DeclareCursorStmt: ({ query }) => query,
  DeleteStmt: 'itself',
  DoStmt: 'itself',
  ExplainStmt: ({ query }) => query && carriedQuery(query),
  InsertStmt: 'itself',
  MergeStmt: 'itself',
  PrepareStmt: ({ query }) => query,
  SelectStmt: 'itself',
  UpdateStmt: 'itself',
}

/** The query that a statement carries, or the statement itself; undefined for one that is never rewritten. */
export function carriedQuery(node: Node): Node | undefined {
  const kind = kindOf(node)
  if (kind === undefined) return undefined
  const carried = (CARRIED as Readonly<Record<string, Carried<never> | undefined>>)[kind]
  return typeof carried === 'function' ? carried(fieldsOf(node, kind)) : carried && node
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
