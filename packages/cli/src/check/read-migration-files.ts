import type { FileChange, ReadFile } from './file-change.ts'
import type { Place } from './finding.ts'
import type { ChangedFile } from './git.ts'
import { readSqlFile } from './sql-file.ts'
import { isTypeormMigration, readTypeormFile } from './typeorm-file.ts'

const isSql = (path: string): boolean => /\.sql$/iu.test(path)

/** Paths that may be migration files, for counting those that are left alone. */
export const looksLikeMigration = (path: string): boolean =>
  isSql(path) || /(?:^|\/)migrations?\/.*\.[cm]?[jt]s$/iu.test(path)

export const mayBeMigration = (path: string): boolean =>
  (isSql(path) || /\.[cm]?[jt]s$/u.test(path)) && !/(?:^|\/)node_modules\//u.test(path) && !/\.d\.[cm]?ts$/u.test(path)

export interface MigrationFiles extends ReadFile {
  readonly files: readonly ChangedFile[]
}

/** What the migration files of a change do. Of a file that was there before, what it did already is not told again. */
export function readMigrationFiles(changed: readonly ChangedFile[]): MigrationFiles {
  const files = changed.filter(({ path, text }) => isSql(path) || isTypeormMigration(path, text))
  const read = files.map(({ path, text, before }) => {
    const now = reader(path)(path, text)
    if (before === undefined) return now
    const old = reader(path)(path, before)
    return { changes: added(now.changes, old.changes), unread: added(now.unread, old.unread) }
  })
  return {
    files,
    changes: read.flatMap(({ changes }) => changes),
    unread: read.flatMap(({ unread }) => unread),
  }
}

const reader = (path: string): ((file: string, text: string) => ReadFile) =>
  isSql(path) ? readSqlFile : readTypeormFile

/** Those whose statement did not stand in the file before, as often. */
function added<T extends FileChange | Place>(now: readonly T[], before: readonly T[]): readonly T[] {
  const seen = new Map<string, number>()
  for (const each of before) seen.set(identity(each), (seen.get(identity(each)) ?? 0) + 1)
  return now.filter((each) => {
    const left = seen.get(identity(each)) ?? 0
    if (left > 0) seen.set(identity(each), left - 1)
    return left === 0
  })
}

function identity(each: FileChange | Place): string {
  const place = 'place' in each ? each.place : each
  const { start, end } = place.statement ?? place
  const column = 'column' in each ? each.column : ''
  return `${'kind' in each ? each.kind : ''} ${column} ${place.text.slice(start, end).replaceAll(/\s+/gu, ' ')}`
}
