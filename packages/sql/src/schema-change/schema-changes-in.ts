import { skipBlanks } from '@expand-contract/core'
import type { AlterTableStmt, Node, RangeVar, RenameStmt } from 'libpg-query'
import { parse } from '../parse/parser.ts'
import { type Range, SourceText } from '../parse/source-text.ts'
import { namePlaces } from './name-places.ts'
import type { NamedTable, SchemaChange, SchemaChanges } from './schema-change.ts'
import { piecesOf, statementsWithin } from './statement-pieces.ts'

/**
 * What the statements of a file do to tables and columns, those within a DO block included. A file that does not parse as a whole, such as
 * one for psql, is read statement by statement. `loadParser` must have been awaited.
 */
export function schemaChangesIn(text: string): SchemaChanges {
  const changes: SchemaChange[] = []
  const unread: Range[] = []
  readPiece(text, { start: 0, end: text.length }, { changes, unread })
  return { changes: changes.sort((a, b) => a.at.start - b.at.start), unread }
}

interface Found {
  readonly changes: SchemaChange[]
  readonly unread: Range[]
}

function readPiece(text: string, piece: Range, found: Found): void {
  const part = text.slice(piece.start, piece.end)
  const statements = parse(part)
  if (statements === undefined) {
    const pieces = piecesOf(part)
    if (pieces.length < 2) found.unread.push(piece)
    else for (const { start, end } of pieces) readPiece(text, moved({ start, end }, piece.start), found)
    return
  }
  const source = new SourceText(part)
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of statements) {
    if (stmt === undefined) continue
    const start = skipBlanks(part, source.offset(from))
    const end = length === undefined ? part.trimEnd().length : source.offset(from + length)
    readStatement(text, { stmt, statement: moved({ start, end }, piece.start) }, found)
  }
}

const moved = ({ start, end }: Range, by: number): Range => ({ start: start + by, end: end + by })

interface Statement {
  readonly stmt: Node
  readonly statement: Range
}

function readStatement(text: string, { stmt, statement }: Statement, found: Found): void {
  const places = () => namePlaces(text, statement)
  if ('AlterTableStmt' in stmt) found.changes.push(...altered(stmt.AlterTableStmt, statement, places()))
  else if ('RenameStmt' in stmt) found.changes.push(...renamed(stmt.RenameStmt, statement, places()))
  else if ('DropStmt' in stmt && stmt.DropStmt.removeType === 'OBJECT_TABLE')
    for (const object of stmt.DropStmt.objects ?? []) {
      const table = tableOfNames(object)
      if (table) found.changes.push({ kind: 'drop-table', table, statement, at: places()(['table'], table.name) })
    }
  else if ('CreateStmt' in stmt || 'CreateTableAsStmt' in stmt) {
    const into = 'CreateStmt' in stmt ? stmt.CreateStmt.relation : stmt.CreateTableAsStmt.into?.rel
    if (into) found.changes.push({ kind: 'create-table', table: tableOf(into), statement, at: statement })
  } else if ('CreateTrigStmt' in stmt) {
    const { relation, trigname: trigger = '' } = stmt.CreateTrigStmt
    if (relation)
      found.changes.push({ kind: 'create-trigger', trigger, table: tableOf(relation), statement, at: statement })
  } else if ('DoStmt' in stmt)
    for (const piece of statementsWithin(text, statement)) {
      const inner: Found = { changes: [], unread: [] }
      readPiece(text, piece, inner)
      found.changes.push(...inner.changes)
    }
}

const tableOf = ({ schemaname, relname }: RangeVar): NamedTable => ({ schema: schemaname, name: relname ?? '' })

function tableOfNames(object: Node): NamedTable | undefined {
  if (!('List' in object)) return undefined
  const names = (object.List.items ?? []).flatMap((item) => ('String' in item ? (item.String.sval ?? '') : []))
  const name = names.at(-1)
  return name === undefined ? undefined : { schema: names.at(-2), name }
}

/** Where a name stands behind one of these key words, each found once, from left to right. */
type Places = ReturnType<typeof namePlaces>

const COMMANDS = {
  AT_AddColumn: { kind: 'add-column', words: ['add'] },
  AT_DropColumn: { kind: 'drop-column', words: ['drop'] },
  AT_AlterColumnType: { kind: 'retype-column', words: ['alter'] },
} as const

function altered({ relation, cmds, objtype }: AlterTableStmt, statement: Range, place: Places): SchemaChange[] {
  if (relation === undefined || objtype !== 'OBJECT_TABLE') return []
  return (cmds ?? []).flatMap((node) => {
    if (!('AlterTableCmd' in node)) return []
    const { subtype, name, def } = node.AlterTableCmd
    const known = COMMANDS[subtype as keyof typeof COMMANDS]
    if (known === undefined) return []
    const column = name ?? (def !== undefined && 'ColumnDef' in def ? (def.ColumnDef.colname ?? '') : '')
    const at = place(known.words, column)
    return [{ kind: known.kind, column, table: tableOf(relation), statement, at }]
  })
}

function renamed(
  { renameType, relationType, relation, subname = '', newname: to = '' }: RenameStmt,
  statement: Range,
  place: Places,
): SchemaChange[] {
  if (relation === undefined) return []
  const table = tableOf(relation)
  if (renameType === 'OBJECT_TABLE')
    return [{ kind: 'rename-table', table, to, statement, at: place(['table'], table.name) }]
  if (renameType !== 'OBJECT_COLUMN' || relationType !== 'OBJECT_TABLE') return []
  return [{ kind: 'rename-column', table, column: subname, to, statement, at: place(['rename'], subname) }]
}
