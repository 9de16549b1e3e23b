import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ChangeColumnType,
  changeColumnType,
  type MergeColumns,
  type Migration,
  mergeColumns,
  type RenameColumn,
  renameColumn,
  type Side,
  type SplitColumn,
  splitColumn,
} from '@expand-contract/core'

/** A folder of `cases/`: one statement, and its text in every phase. */
export interface CorpusCase {
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
  return readdirSync(join(root, 'cases')).map((name) => {
    const folder = join(root, 'cases', name)
    const { teaches, schema, app = 'old', since = 0 } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
    const statement = readFileSync(join(folder, 'statement.sql'), 'utf8').replace(/\n$/u, '')
    return { name, folder, teaches, schema, app, since, statement }
  })
}

export const FLAG = 'corpus'

type Declared =
  | ({ readonly kind: 'renameColumn' } & RenameColumn)
  | ({ readonly kind: 'changeColumnType' } & ChangeColumnType)
  | ({ readonly kind: 'splitColumn' } & SplitColumn)
  | ({ readonly kind: 'mergeColumns' } & MergeColumns)

/** The migration of a schema's `migration.json`: a call of one of the declaring functions, as data. */
export function corpusMigration(schema: string, app: Side): Migration {
  const declared: Declared = JSON.parse(readFileSync(join(root, 'schemas', schema, 'migration.json'), 'utf8'))
  const options = { app, flag: FLAG }
  switch (declared.kind) {
    case 'renameColumn':
      return renameColumn({ ...withoutKind(declared), ...options })
    case 'changeColumnType':
      return changeColumnType({ ...withoutKind(declared), ...options })
    case 'splitColumn':
      return splitColumn({ ...withoutKind(declared), ...options })
    case 'mergeColumns':
      return mergeColumns({ ...withoutKind(declared), ...options })
  }
}

const withoutKind = <T extends { readonly kind: string }>({ kind: _, ...rest }: T): Omit<T, 'kind'> => rest

/** The scripts of a schema up to a step: `1-old`, `2-expand`, `3-contract`, `4-drop`. */
export function corpusScript(schema: string, step: 1 | 2 | 3 | 4): string {
  const folder = join(root, 'schemas', schema)
  const scripts = readdirSync(folder).filter((file) => /^\d-/u.test(file) && Number(file[0]) <= step)
  return scripts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}
