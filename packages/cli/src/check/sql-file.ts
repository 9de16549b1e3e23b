import { skipBlanks, sqlTokens } from '@expand-contract/core'
import { schemaChangesIn } from '@expand-contract/sql'
import type { FileChange, ReadFile } from './file-change.ts'
import type { Place } from './finding.ts'

/** Files that lead back, which nobody runs on the way forward: golang-migrate, Prisma, node-pg-migrate. */
const LEADS_BACK = /(?:[._-]|^|\/)down\.sql$/iu
/** The part of a file that leads back: dbmate, goose, sql-migrate, node-pg-migrate. */
const DOWN = /^--[ \t]*(?:migrate:down|\+goose[ \t]+down|\+migrate[ \t]+down|down[ \t]+migration|rollback|undo)\b/imu
/** Data of COPY and commands of psql are no DDL. */
const DDL = new Set(['alter', 'drop', 'rename', 'create'])

/** What a file of SQL does to tables and columns. `loadParser` must have been awaited. */
export function readSqlFile(file: string, text: string): ReadFile {
  if (LEADS_BACK.test(file)) return { changes: [], unread: [] }
  const down = DOWN.exec(text)?.index ?? text.length
  return readSql({ file, text, start: 0, end: down }, (offset) => offset)
}

/** Reads SQL that stands in a file; `inFile` says where an offset of `text.slice(start, end)` stands in it. */
export function readSql(
  { file, text, start, end }: Place,
  inFile: (offset: number) => number,
  sql = text.slice(start, end),
): ReadFile {
  const { changes, unread } = schemaChangesIn(sql)
  const placeOf = (at: { readonly start: number; readonly end: number }, statement = at): Place => ({
    ...{ file, text, start: inFile(at.start), end: inFile(at.end) },
    statement: { start: inFile(statement.start), end: inFile(statement.end) },
  })
  return {
    changes: changes.map(({ at, statement, ...change }): FileChange => ({ ...change, place: placeOf(at, statement) })),
    unread: unread.flatMap((range) => {
      const [first] = sqlTokens(sql.slice(range.start, range.end)).filter(({ kind }) => kind !== 'comment')
      const start = skipBlanks(sql, range.start)
      return first?.kind === 'word' && DDL.has(first.name) ? [placeOf({ start, end: range.end })] : []
    }),
  }
}
