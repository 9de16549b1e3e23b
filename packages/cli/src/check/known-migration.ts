import type { MigrationRecord } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import type { NamedTable } from '@expand-contract/sql'
import type { FrontMatter } from '../runbook/front-matter.ts'

/** A migration as it is recorded: by the database, or by its runbook. */
export interface KnownMigration {
  readonly id: string
  readonly table: NamedTable
  readonly old: readonly string[]
  readonly new: readonly string[]
  readonly phase: Phase
  /** Of the declaration that it was begun with. */
  readonly declaration: string
  /** See FrontMatter. */
  readonly soaked: Date | undefined
  readonly droppable: Date | undefined
  /** `the database`, or the path of the runbook. */
  readonly source: string
}

export const ofRunbook = (head: FrontMatter, source: string): KnownMigration => ({
  ...{ id: head.id, table: tableOf(head.table), old: head.old, new: head.new, phase: head.phase, source },
  ...{ declaration: head.declaration, soaked: head.soaked, droppable: head.droppable },
})

export const ofRecord = (
  { id, declaration, declarationHash, phase }: MigrationRecord,
  times: Pick<KnownMigration, 'soaked' | 'droppable'>,
): KnownMigration => ({
  id,
  table: { schema: declaration.table.schema ?? undefined, name: declaration.table.name },
  old: Object.keys(declaration.old),
  new: Object.keys(declaration.new),
  ...{ phase, declaration: declarationHash, source: 'the database', ...times },
})

/** A runbook names its table as a declaration does. */
function tableOf(path: string): NamedTable {
  const parts = [...path.matchAll(/"((?:[^"]|"")*)"|([^."]+)/gu)].map(([, quoted, word]) =>
    quoted === undefined ? (word ?? '') : quoted.replaceAll('""', '"'),
  )
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

/** A migration that the change may touch: declared, recorded, or both. */
export interface CheckedMigration {
  readonly id: string
  readonly table: NamedTable
  readonly old: readonly string[]
  readonly new: readonly string[]
  /** With the change. */
  readonly declared: Migration | undefined
  /** Before it; `unknown` where the declarations of before could not be loaded. */
  readonly before: 'declared' | 'not-declared' | 'unknown'
  readonly known: KnownMigration | undefined
}

/** @param before undefined where they could not be loaded */
export function checkedMigrations(
  now: readonly Migration[],
  before: readonly Migration[] | undefined,
  known: readonly KnownMigration[],
): readonly CheckedMigration[] {
  const ids = [...new Set([...now, ...(before ?? []), ...known].map(({ id }) => id))]
  return ids.flatMap((id) => {
    const [declared, earlier, record] = [find(now, id), find(before ?? [], id), find(known, id)]
    const declaration = declared ?? earlier
    const columns =
      declaration === undefined
        ? record
        : {
            table: { schema: declaration.table.schema, name: declaration.table.name },
            old: declaration.old.map(({ name }) => name),
            new: declaration.new.map(({ name }) => name),
          }
    if (columns === undefined) return []
    const was = earlier === undefined ? 'not-declared' : 'declared'
    const { table, old } = columns
    return [
      { id, table, old, new: columns.new, declared, before: before === undefined ? 'unknown' : was, known: record },
    ]
  })
}

const find = <T extends { readonly id: string }>(list: readonly T[], id: string): T | undefined =>
  list.find((each) => each.id === id)

export const isRunning = (phase: Phase | undefined): boolean =>
  phase !== undefined && phase !== 'off' && phase !== 'dropped'

export const tableText = ({ schema, name }: NamedTable): string => (schema === undefined ? name : `${schema}.${name}`)

export const sameTable = (one: NamedTable, other: NamedTable): boolean =>
  one.name === other.name && (one.schema === undefined || other.schema === undefined || one.schema === other.schema)
