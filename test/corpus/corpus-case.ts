import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type ChangeColumnType,
  changeColumnType,
  defineMigration,
  type MergeColumns,
  type Migration,
  type MigrationDeclaration,
  mergeColumns,
  type RenameColumn,
  renameColumn,
  type Side,
  type SplitColumn,
  splitColumn,
} from '@expand-contract/core'

/** A folder under `cases/`: one statement, and its text in every phase. */
export interface CorpusCase {
  /** The folder below `cases/`: `upsert`, `reads/set-operations`. */
  readonly name: string
  readonly folder: string
  /** What a reader learns from it. */
  readonly teaches: string
  /** A folder of `schemas/`. */
  readonly schema: string
  readonly app: Side
  /** Lowest PostgreSQL major. */
  readonly since: number
  readonly statement: string
}

const root = import.meta.dirname

export function corpusCases(): readonly CorpusCase[] {
  const files = readdirSync(join(root, 'cases'), { recursive: true, encoding: 'utf8' })
  const names = files
    .filter((file) => basename(file) === 'case.json')
    .map((file) => dirname(file).replaceAll('\\', '/'))
  return names.sort().map((name) => {
    const folder = join(root, 'cases', name)
    const { teaches, schema, app = 'old', since = 0 } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
    const statement = readFileSync(join(folder, 'statement.sql'), 'utf8').replace(/\n$/u, '')
    return { name, folder, teaches, schema, app, since, statement }
  })
}

type Declared =
  | ({ readonly kind: 'renameColumn' } & RenameColumn)
  | ({ readonly kind: 'changeColumnType' } & ChangeColumnType)
  | ({ readonly kind: 'splitColumn' } & SplitColumn)
  | ({ readonly kind: 'mergeColumns' } & MergeColumns)
  | ({ readonly kind: 'defineMigration' } & MigrationDeclaration)

/** The migrations of a schema's `migration.json`: a call of one of the declaring functions as data, or several. */
export function corpusMigrations(schema: string, app: Side): readonly Migration[] {
  const declared: Declared | readonly Declared[] = JSON.parse(
    readFileSync(join(root, 'schemas', schema, 'migration.json'), 'utf8'),
  )
  return [declared].flat().map((one, index) => declare(one, { app, flag: `corpus-${index}` }))
}

function declare(declared: Declared, options: { readonly app: Side; readonly flag: string }): Migration {
  switch (declared.kind) {
    case 'renameColumn':
      return renameColumn({ ...withoutKind(declared), ...options })
    case 'changeColumnType':
      return changeColumnType({ ...withoutKind(declared), ...options })
    case 'splitColumn':
      return splitColumn({ ...withoutKind(declared), ...options })
    case 'mergeColumns':
      return mergeColumns({ ...withoutKind(declared), ...options })
    case 'defineMigration':
      return defineMigration({ ...withoutKind(declared), ...options })
  }
}

const withoutKind = <T extends { readonly kind: string }>({ kind: _, ...rest }: T): Omit<T, 'kind'> => rest

/** The scripts of a schema up to a step: `1-old`, `2-expand`, `3-contract`, `4-drop`. */
export function corpusScript(schema: string, step: 1 | 2 | 3 | 4): string {
  const folder = join(root, 'schemas', schema)
  const scripts = readdirSync(folder).filter((file) => /^\d-/u.test(file) && Number(file[0]) <= step)
  return scripts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}
