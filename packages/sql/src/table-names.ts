import type { Node, RangeVar } from 'libpg-query'

/** Every table that a statement names, those that turn out to be common table expressions included. */
export function tablesNamed(node: unknown, found: RangeVar[] = []): readonly RangeVar[] {
  if (Array.isArray(node)) {
    for (const item of node) tablesNamed(item, found)
    return found
  }
  if (typeof node !== 'object' || node === null) return found
  for (const [key, value] of Object.entries(node)) {
    // INSERT, UPDATE, DELETE, MERGE and COPY hold their table without a wrapper.
    if (key === 'RangeVar' || (key === 'relation' && isBareTable(value))) found.push(value as RangeVar)
    else tablesNamed(value, found)
  }
  return found
}

const isBareTable = (value: unknown): boolean => typeof value === 'object' && value !== null && 'relname' in value

/** The table that a statement writes, at its own level or in a common table expression. */
export function tablesWritten(node: unknown, found: RangeVar[] = []): readonly RangeVar[] {
  if (Array.isArray(node)) {
    for (const item of node) tablesWritten(item, found)
    return found
  }
  if (typeof node !== 'object' || node === null) return found
  const relation = writtenRelation(node as Node)
  if (relation) found.push(relation)
  for (const value of Object.values(node)) tablesWritten(value, found)
  return found
}

function writtenRelation(node: Node): RangeVar | undefined {
  if ('InsertStmt' in node) return node.InsertStmt.relation
  if ('UpdateStmt' in node) return node.UpdateStmt.relation
  if ('DeleteStmt' in node) return node.DeleteStmt.relation
  if ('MergeStmt' in node) return node.MergeStmt.relation
  return 'CopyStmt' in node && node.CopyStmt.is_from ? node.CopyStmt.relation : undefined
}
