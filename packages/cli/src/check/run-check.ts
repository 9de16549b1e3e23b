import { relative } from 'node:path'
import type { Migration } from '@expand-contract/core'
import type { ProjectFacts } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { Place } from './finding.ts'
import type { Change } from './git.ts'
import { withoutIgnored } from './ignores.ts'
import { judgeChanges, unreadable } from './judge-changes.ts'
import { judgeSchemas } from './judge-schemas.ts'
import { checkedMigrations, type KnownMigration } from './known-migration.ts'
import { looksLikeMigration, readMigrationFiles } from './read-migration-files.ts'
import { type CheckReport, sortFindings } from './report.ts'

export interface CheckInput {
  readonly change: Change
  /** Declared with the change. */
  readonly declared: readonly Migration[]
  /** Declared before it; undefined where that could not be loaded. */
  readonly before: readonly Migration[] | undefined
  readonly known: readonly KnownMigration[]
  /** What drizzle-kit and TypeORM are given. */
  readonly project: ProjectFacts
  /** The module of the declarations, or the configuration. */
  readonly declarations: string | undefined
  readonly now: Date
}

/** Reads the migration files of a change, and judges them by what is declared and recorded. */
export async function runCheck({
  change,
  declared,
  before,
  known,
  project,
  declarations,
  now,
}: CheckInput): Promise<CheckReport> {
  await loadParser()
  const { files, changes, unread } = readMigrationFiles(change.files)
  const migrations = checkedMigrations(declared, before, known)
  const findings = [
    ...judgeChanges({
      ...{ changes, now },
      migrations,
      declarations: placeOf(change, declarations),
    }),
    ...unread.map(unreadable),
    ...judgeSchemas(project, migrations),
  ]
  return {
    findings: sortFindings(withoutIgnored(findings, files)),
    files: files.length,
    older: change.untouched.filter(looksLikeMigration).length,
  }
}

function placeOf({ root, files }: Change, file: string | undefined): Place {
  const path = file === undefined ? 'expand-contract.config.ts' : relative(root, file).replaceAll('\\', '/')
  const text = files.find((each) => each.path === path)?.text ?? ''
  return { file: path, text, start: 0, end: 0 }
}
