import { declarationHash } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import type { CheckRule } from './check-rules.ts'
import { CHECK_RULES } from './check-rules.ts'
import type { FileChange } from './file-change.ts'
import type { Finding, Place } from './finding.ts'
import { type CheckedMigration, isRunning, sameTable, tableText } from './known-migration.ts'
import { soakText } from './soak-text.ts'

export interface JudgedChange {
  /** What the migration files of the change do, file by file. */
  readonly changes: readonly FileChange[]
  readonly migrations: readonly CheckedMigration[]
  /** Where declarations stand: what is found about one that is gone is told there. */
  readonly declarations: Place
  readonly now: Date
}

/** What a change does that breaks a stage, or what it does in one step. Pure: everything is in the argument. */
export function judgeChanges(change: JudgedChange): readonly Finding[] {
  return [...change.changes.flatMap((one) => judge(one, change) ?? []), ...judgeDeclarations(change)]
}

const finding = (rule: CheckRule, facts: Omit<Finding, 'rule' | 'level'>, level?: Finding['level']): Finding => ({
  rule,
  level: level ?? CHECK_RULES[rule].level,
  ...facts,
})

function judge(one: FileChange, change: JudgedChange): Finding | undefined {
  if (isUnknown(one.table.name) || ('column' in one && isUnknown(one.column)))
    return one.kind === 'create-table' || one.kind === 'create-trigger' ? undefined : unreadable(one.place)
  if (change.changes.some((other) => other.kind === 'create-table' && tableText(other.table) === tableText(one.table)))
    return undefined
  const column = 'column' in one ? one.column : undefined
  const found = change.migrations.find(
    ({ table, old, new: added }) =>
      sameTable(table, one.table) && (column === undefined || old.includes(column) || added.includes(column)),
  )
  const migration =
    found?.known?.phase === 'dropped' && column !== undefined && !found.old.includes(column) ? undefined : found
  return migration === undefined ? inOneStep(one, change) : ofMigration(one, migration, change)
}

/** Filled in for what only the running program knows. */
const isUnknown = (name: string): boolean => /_{2}/u.test(name) && /^[_.]+$/u.test(name)

export const unreadable = (place: Place): Finding =>
  finding('EC_UNREADABLE', {
    place,
    message: 'changes a schema in a way that could not be read',
    help: 'Write table and columns into the statement; or ignore the rule here, with what the statement does as the reason.',
  })

/** Columns that nobody has declared. What the change itself has made nobody uses yet. */
function inOneStep(one: FileChange, { changes }: JudgedChange): Finding | undefined {
  const made = changes.some(
    (other) =>
      sameTable(other.table, one.table) &&
      (other.kind === 'create-table' ||
        (other.kind === 'add-column' && 'column' in one && other.column === one.column)),
  )
  if (made) return undefined
  const { place, table } = one
  const name = tableText(table)
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`
  if (one.kind === 'rename-column')
    return finding('EC_ONE_STEP_RENAME', {
      place,
      message: `renames ${name}.${one.column} in one step: old processes fail at once`,
      help: `declare it: renameColumn({ table: ${quoted(name)}, from: ${quoted(one.column)}, to: ${quoted(one.to)} })`,
    })
  if (one.kind === 'rename-table')
    return finding('EC_ONE_STEP_RENAME', {
      place,
      message: `renames the table ${name} in one step: old processes fail at once`,
      help: `leave a view of the old name behind: create view ${name} as select * from ${one.to}`,
    })
  if (one.kind === 'retype-column')
    return finding('EC_ONE_STEP_RETYPE', {
      place,
      message: `changes the type of ${name}.${one.column} in one step: it may rewrite the table while nobody can read it`,
      help: `declare it: changeColumnType({ table: ${quoted(name)}, ... }); where the type only gets wider (varchar(20) to varchar(40) or text), ignore the rule with that reason`,
    })
  if (one.kind !== 'drop-column') return undefined
  return finding('EC_ONE_STEP_DROP', {
    place,
    message: `drops ${name}.${one.column} in one step: processes of the version before still name it`,
    help: 'first deploy a version that does not name it; then ignore the rule here, with that version as the reason. Where its values go to another column, declare the migration',
  })
}

function ofMigration(one: FileChange, migration: CheckedMigration, change: JudgedChange): Finding | undefined {
  const { id, known, declared } = migration
  const { place } = one
  const name = `${tableText(one.table)}${'column' in one ? `.${one.column}` : ''}`
  const phase = known?.phase
  const note = noteOf(migration, change.now)
  const running = isRunning(phase)
  const old = 'column' in one && migration.old.includes(one.column)
  if (one.kind === 'drop-column' && old) return dropOfOld({ name, place, note }, migration, change)
  if (one.kind === 'add-column' && !old)
    return running ? undefined : handMade(one, migration, { note, changes: change.changes })
  if (
    one.kind === 'drop-table' ||
    one.kind === 'drop-column' ||
    one.kind === 'retype-column' ||
    one.kind === 'rename-table'
  ) {
    if (!running) return inOneStep(one, change)
    const what = {
      'drop-table': 'drops',
      'drop-column': 'drops',
      'retype-column': 'changes the type of',
      'rename-table': 'renames',
    }
    return finding('EC_CHANGE_WHILE_MIGRATING', {
      ...{ place, note },
      message: `${what[one.kind]} ${name} while ${id} migrates it`,
      help: `end the migration first, or take it back: expand-contract rollback ${shellWord(id)}`,
    })
  }
  if (one.kind !== 'rename-column') return undefined
  if (running)
    return finding('EC_CHANGE_WHILE_MIGRATING', {
      ...{ place, note },
      message: `renames ${name} while ${id} migrates it`,
      help: `leave this file out; the stages bring ${migration.new.join(', ')} about`,
    })
  const step = inOneStep(one, change)
  return step && declared
    ? { ...step, level: 'error', note, help: `leave this file out: expand-contract expand ${shellWord(id)}` }
    : step
}

interface DroppedColumn {
  readonly name: string
  readonly place: Place
  readonly note: string | undefined
}

function dropOfOld(
  { name, place, note }: DroppedColumn,
  { id, known, declared, before }: CheckedMigration,
  { now }: JudgedChange,
): Finding | undefined {
  if (known?.phase === 'dropped') return undefined
  if (known?.droppable !== undefined && known.droppable <= now) return undefined
  if (declared !== undefined && before === 'not-declared' && !isRunning(known?.phase))
    return finding('EC_TWO_STAGES', {
      ...{ place, note },
      message: `drops ${name} in the change that declares ${id}`,
      help: `leave this file out; the declaration comes first, and the column goes by: expand-contract drop ${shellWord(id)}`,
    })
  return finding('EC_DROP_BEFORE_SOAK', {
    ...{ place, note },
    message: `drops ${name} ${soakText(known, now)}`,
    help: `leave this file out until \`expand-contract wait ${shellWord(id)} --for droppable\` is done`,
  })
}

function handMade(
  { place, table, ...one }: FileChange,
  { id, declared }: CheckedMigration,
  { note, changes }: { readonly note: string | undefined; readonly changes: readonly FileChange[] },
): Finding | undefined {
  const synced = changes.some(
    (other) =>
      other.kind === 'create-trigger' &&
      other.place.file === place.file &&
      /^[~!]expand_contract_sync_/u.test(other.trigger),
  )
  if (declared === undefined || synced) return undefined
  return finding('EC_HAND_MADE_COLUMN', {
    ...{ place, note },
    message: `adds ${tableText(table)}.${'column' in one ? one.column : ''} without the sync trigger of ${id}`,
    help: `leave it to \`expand-contract expand ${shellWord(id)}\`, or put the SQL of \`expand-contract expand ${shellWord(id)} --dry-run\` here`,
  })
}

function judgeDeclarations({ migrations, declarations: place, now }: JudgedChange): readonly Finding[] {
  return migrations.flatMap((migration) => {
    const { id, declared, known, before } = migration
    const note = noteOf(migration, now)
    if (declared === undefined) {
      if (known?.phase === 'dropped' || known?.phase === 'off') return []
      if (known === undefined && before !== 'declared') return []
      const unknown = known === undefined
      return finding(
        'EC_ANNOTATION_REMOVED',
        {
          ...{ place, note },
          message: unknown
            ? `the declaration of ${id} is gone, and no record says in which phase it is`
            : `the declaration of ${id} is gone while it is in the phase ${known.phase}`,
          help: unknown
            ? `give \`check\` the database (DATABASE_URL), or the runbook: expand-contract runbook ${shellWord(id)} --write`
            : `keep it until \`expand-contract status ${shellWord(id)}\` says dropped; or take the migration back first: expand-contract rollback ${shellWord(id)}`,
        },
        unknown ? 'warning' : 'error',
      )
    }
    if (known === undefined || !isRunning(known.phase) || known.declaration === '') return []
    if (declarationHash(declared).startsWith(known.declaration)) return []
    return finding('EC_DECLARATION_CHANGED', {
      ...{ place, note },
      message: `the declaration of ${id} maps otherwise than the one that the migration was begun with`,
      help: `take it back, or begin anew: expand-contract rollback ${shellWord(id)}, then expand-contract expand ${shellWord(id)}`,
    })
  })
}

function noteOf({ known }: CheckedMigration, now: Date): string | undefined {
  if (known === undefined) return undefined
  const { phase, soaked, source } = known
  const until = soaked !== undefined && soaked > now ? `, soak until ${timeText(soaked)}` : ''
  return `phase: ${phase}${until} (${source})`
}

const timeText = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
