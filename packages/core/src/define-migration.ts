import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import { expressionProblem } from './expression.ts'
import { checkIdentifier, parseTableName, quoteTable } from './identifier.ts'
import type { DeclarationOptions, Mapping, MappingTable, MigratingColumn, Migration, Side } from './migration.ts'
import { isTypeName } from './type-name.ts'

/** Columns of one side with their types; a type may be left to the catalog with `undefined`. */
export type ColumnTypes = Readonly<Record<string, string | undefined>>

/** Target column to a SQL expression over the columns of the other side. */
export type SqlMappings = Readonly<Record<string, string>>

export interface MigrationDeclaration extends DeclarationOptions {
  /** Old columns and their types. */
  readonly old: ColumnTypes
  /** New columns and their types. */
  readonly new: ColumnTypes
  /** Every new column as an expression over old columns. A type is reached by a cast in it. */
  readonly forward: SqlMappings
  /** Every old column as an expression over new columns: what an application reads from the new side. */
  readonly backward: SqlMappings
}

/**
 * Declares a migration of any shape: one to one, one to many, many to one.
 *
 * ```ts
 * defineMigration({
 *   id: 'users.split_name', table: 'crm.users',
 *   old: { name: 'text' }, new: { first_name: 'text', last_name: 'text' },
 *   forward: { first_name: "split_part(name, ' ', 1)", last_name: "substring(name from ' (.*)')" },
 *   backward: { name: "first_name || coalesce(' ' || last_name, '')" },
 *   flag: 'users-read-split-name',
 * })
 * ```
 *
 * The two mappings must undo each other for every value that occurs: `backward(forward(old)) = old`. `roundTripQuery` counts
 * the rows where they do not.
 * @throws EC_TABLE, EC_IDENTIFIER, EC_TYPE, EC_COLUMNS, EC_EXPRESSION, EC_VOLATILE_MAPPING, EC_MAPPING_COLUMN, EC_MAPPING_MISSING, EC_OPTION
 */
export function defineMigration(declaration: MigrationDeclaration): Migration {
  const asSql = (mappings: SqlMappings | undefined): MappingTable =>
    Object.fromEntries(Object.entries(mappings ?? {}).map(([column, sql]) => [column, { kind: 'sql', sql } as const]))
  return buildMigration({
    ...declaration,
    forward: asSql(declaration.forward),
    backward: asSql(declaration.backward),
  })
}

/** A declaration with its mappings in their final form, as the declaring functions of each kind make it. */
export interface MigrationParts extends DeclarationOptions {
  readonly old: ColumnTypes
  readonly new: ColumnTypes
  readonly forward: MappingTable
  readonly backward: MappingTable
}

const SHARED = ['id', 'app', 'flag', 'constraints', 'after'] as const satisfies readonly (keyof DeclarationOptions)[]
const OPTIONS = [
  'table',
  ...SHARED,
  'old',
  'new',
  'forward',
  'backward',
] as const satisfies readonly (keyof MigrationParts)[]

/** Checks the parts of a declaration, fills in the defaults, and freezes it. */
export function buildMigration(parts: MigrationParts): Migration {
  const table = parseTableName(parts.table, 'The table of a migration')
  const where = `of the migration of ${quoteTable(table)}`
  for (const [name, value] of Object.entries(parts))
    if (value !== undefined && !(OPTIONS as readonly string[]).includes(name))
      fail(
        'EC_OPTION',
        `The option ${JSON.stringify(name)} ${where} is not known.`,
        `Beside those of its kind, a migration has the options ${SHARED.join(', ')}. Mend its spelling, or leave it out.`,
      )
  const old = columnsOf(parts.old, 'old', where)
  const added = columnsOf(parts.new, 'new', where)
  const both = old.find((column) => added.some((other) => other.name === column.name))
  if (both)
    fail(
      'EC_COLUMNS',
      `The column ${JSON.stringify(both.name)} ${where} is on both sides.`,
      'Give the new column a name of its own; both exist at once while the migration runs.',
    )

  const tableText = table.schema === undefined ? table.name : `${table.schema}.${table.name}`
  const id = parts.id ?? `${tableText}.${added.map((column) => column.name).join('+')}`
  option(typeof id === 'string' && id.trim() !== '', where, 'id', 'a text that is not empty')
  option(
    parts.flag === undefined || (typeof parts.flag === 'string' && parts.flag.trim() !== ''),
    where,
    'flag',
    'the name of a flag',
  )
  option(parts.app === undefined || parts.app === 'old' || parts.app === 'new', where, 'app', "'old' or 'new'")
  const migrating = [...old, ...added].map((column) => column.name)
  if (parts.after !== undefined && parts.after !== '') checkIdentifier(parts.after, `The column \`after\` ${where}`)
  option(!migrating.includes(parts.after ?? ''), where, 'after', 'a column that stays')
  for (const [from, to] of Object.entries(parts.constraints ?? {})) {
    checkIdentifier(from, `A constraint ${where}`)
    checkIdentifier(to, `A constraint ${where}`)
  }

  return deepFreeze<Migration>({
    id,
    table,
    old,
    new: added,
    forward: mappingsOf(parts.forward, { side: 'new', targets: added, sources: old, where }),
    backward: mappingsOf(parts.backward, { side: 'old', targets: old, sources: added, where }),
    app: parts.app ?? 'old',
    flag: parts.flag,
    constraints: { ...parts.constraints },
    after: parts.after,
  })
}

function columnsOf(columns: ColumnTypes, side: Side, where: string): MigratingColumn[] {
  const entries = Object.entries(columns ?? {})
  if (entries.length === 0)
    fail(
      'EC_COLUMNS',
      `The migration ${where.slice('of the migration '.length)} declares no ${side} column.`,
      `Name at least one column under \`${side}\`.`,
    )
  return entries.map(([name, type]) => {
    checkIdentifier(name, `The ${side} column ${where}`)
    if (type !== undefined && !isTypeName(type))
      fail(
        'EC_TYPE',
        `The type ${JSON.stringify(type)} of the ${side} column ${JSON.stringify(name)} ${where} is not one type name.`,
        "Write it as in CREATE TABLE, without constraints or a default: 'numeric(12,2)'.",
      )
    return { name, type }
  })
}

interface MappingCheck {
  readonly side: Side
  readonly targets: readonly MigratingColumn[]
  readonly sources: readonly MigratingColumn[]
  readonly where: string
}

function mappingsOf(mappings: MappingTable, { side, targets, sources, where }: MappingCheck): MappingTable {
  const sourceNames = sources.map((column) => column.name)
  for (const name of Object.keys(mappings))
    if (!targets.some((target) => target.name === name))
      fail(
        'EC_MAPPING_COLUMN',
        `A mapping ${where} computes ${JSON.stringify(name)}, which is not one of its ${side} columns (${list(targets.map((target) => target.name))}).`,
        'Declare the column, or correct the name of the mapping.',
      )
  for (const target of targets) {
    // A column may be called `constructor`, and every object inherits something of that name.
    const mapping: Mapping | undefined = Object.hasOwn(mappings, target.name) ? mappings[target.name] : undefined
    if (mapping === undefined)
      fail(
        'EC_MAPPING_MISSING',
        `The ${side} column ${JSON.stringify(target.name)} ${where} has no mapping.`,
        `Give it as a SQL expression over ${list(sourceNames)}.`,
      )
    if (mapping.kind === 'column') {
      if (!sourceNames.includes(mapping.column))
        fail(
          'EC_MAPPING_COLUMN',
          `The mapping of ${JSON.stringify(target.name)} ${where} names ${JSON.stringify(mapping.column)}, which it may not use.`,
          `Use ${list(sourceNames)}.`,
        )
      continue
    }
    const problem = expressionProblem(mapping.sql, {
      sources: sourceNames,
      targets: targets.map((column) => column.name),
    })
    if (problem)
      fail(
        problem.code,
        `The mapping of ${JSON.stringify(target.name)} ${where} ${problem.why}.`,
        `Write one immutable SQL expression over ${list(sourceNames)}.`,
      )
  }
  return { ...mappings }
}

const list = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

function option(ok: boolean, where: string, name: string, expected: string): void {
  if (!ok)
    fail(
      'EC_OPTION',
      `The option \`${name}\` ${where} is not ${expected}.`,
      `Set \`${name}\` to ${expected}, or leave it out.`,
    )
}

function fail(code: CoreErrorCode, message: string, hint: string): never {
  throw new ExpandContractError(code, { message, hint })
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
